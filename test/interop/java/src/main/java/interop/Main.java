package interop;

import com.google.gson.Gson;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;

/** Drives gax-grpc on a server, and prints what it saw of each behaviour: Main URL. */
public final class Main {
  public static void main(String[] args) throws Exception {
    String endpoint = args[0].replaceFirst("^http://", "");
    try (Connection connection = Connection.open(endpoint)) {
      Futures futures = new Futures(connection);
      Operations operations = new Operations(connection);
      Map<String, Callable<Map<String, Object>>> behaviours = new LinkedHashMap<>();
      behaviours.put("start", futures::start);
      behaviours.put("poll", futures::poll);
      behaviours.put("wait", operations::waitOperation);
      behaviours.put("progress", futures::progress);
      behaviours.put("success", futures::success);
      behaviours.put("failure", futures::failure);
      behaviours.put("cancel", futures::cancel);
      behaviours.put("delete", operations::delete);
      behaviours.put("list", operations::list);
      behaviours.put("not-found", operations::notFound);
      behaviours.put("deadline", operations::deadline);
      behaviours.put("unknown-any", operations::unknownAny);
      behaviours.forEach(Main::printLine);
    }
  }

  private static void printLine(String behaviour, Callable<Map<String, Object>> look) {
    Object saw;
    try {
      saw = look.call();
    } catch (Exception error) {
      saw = Map.of("threw", error.toString());
    }
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("behaviour", behaviour);
    line.put("saw", saw);
    System.out.println(new Gson().toJson(line));
  }
}
