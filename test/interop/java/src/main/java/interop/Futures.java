package interop;

import com.google.api.core.ApiFuture;
import com.google.api.gax.longrunning.OperationFuture;
import com.google.api.gax.longrunning.OperationSnapshot;
import com.google.api.gax.rpc.ApiException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import longrunning.testing.v1.Simulator.SimulateWorkMetadata;
import longrunning.testing.v1.Simulator.SimulateWorkRequest;
import longrunning.testing.v1.Simulator.SimulateWorkResponse;

/** OperationFuture, the handle that Google's Java libraries give to their users: gax polls for it. */
record Futures(Connection connection) {
  private OperationFuture<SimulateWorkResponse, SimulateWorkMetadata> begin(SimulateWorkRequest work) {
    return connection.simulateWorkOperation().futureCall(work);
  }

  Map<String, Object> start() throws Exception {
    OperationSnapshot started = begin(Work.ofMillis(60_000).build()).getInitialFuture().get();
    return Map.of("name", started.getName(), "done", started.isDone());
  }

  Map<String, Object> poll() throws Exception {
    var future = begin(Work.ofMillis(1_000).setPayload("polled").build());
    String payload = future.get().getPayload();
    return Map.of("done", future.isDone(), "payload", payload);
  }

  Map<String, Object> progress() throws Exception {
    var future = begin(Work.ofMillis(2_000).setSteps(3).build());
    List<SimulateWorkMetadata> seen = new ArrayList<>();
    while (!future.isDone()) {
      // Null until gax has polled for the first time.
      ApiFuture<SimulateWorkMetadata> latest = future.peekMetadata();
      if (latest != null) seen.add(latest.get());
      Thread.sleep(100);
    }
    seen.add(future.getMetadata().get());
    List<Integer> steps = seen.stream().map(SimulateWorkMetadata::getStepsDone).toList();
    boolean rising = steps.equals(steps.stream().sorted().toList()) && steps.stream().distinct().count() > 1;
    SimulateWorkMetadata last = seen.get(seen.size() - 1);
    return Map.of("stepsDone", last.getStepsDone(), "stepsTotal", last.getStepsTotal(), "rising", rising);
  }

  Map<String, Object> success() throws Exception {
    return Map.of("payload", begin(Work.ofMillis(100).setPayload("hello").build()).get().getPayload());
  }

  Map<String, Object> failure() throws Exception {
    var future = begin(Work.failing());
    ApiException error = errorOf(future);
    // The exception's own message is gax's; the operation's is in the snapshot.
    String message = future.getPollingFuture().get().getErrorMessage();
    return Map.of(
        "code", Code.of(error), "message", message, "reason", error.getReason(), "domain", error.getDomain());
  }

  Map<String, Object> cancel() throws Exception {
    var future = begin(Work.ofMillis(60_000).build());
    connection.operations().cancelOperation(future.getName());
    return Map.of("code", Code.of(errorOf(future)));
  }

  private static ApiException errorOf(OperationFuture<?, ?> future) throws Exception {
    try {
      throw new IllegalStateException("succeeded: " + future.get());
    } catch (ExecutionException failed) {
      if (failed.getCause() instanceof ApiException error) return error;
      throw failed;
    }
  }
}
