package interop;

import com.google.api.gax.grpc.GrpcCallContext;
import com.google.api.gax.rpc.ApiCallContext;
import com.google.api.gax.rpc.ApiException;
import com.google.longrunning.ListOperationsRequest;
import com.google.longrunning.Operation;
import com.google.longrunning.OperationsClient.ListOperationsPage;
import com.google.longrunning.OperationsClient.ListOperationsPagedResponse;
import com.google.longrunning.WaitOperationRequest;
import com.google.protobuf.Any;
import com.google.protobuf.Duration;
import java.util.HexFormat;
import java.util.Map;
import longrunning.testing.v1.Simulator.SimulateWorkRequest;
import longrunning.testing.v1.Simulator.SimulateWorkResponse;

/** OperationsClient, which Google generates from operations.proto. */
record Operations(Connection connection) {
  private Operation begin(SimulateWorkRequest work) {
    return connection.simulateWork().call(work);
  }

  Map<String, Object> waitOperation() throws Exception {
    String name = begin(Work.ofMillis(1_000).setPayload("waited").build()).getName();
    WaitOperationRequest request =
        WaitOperationRequest.newBuilder().setName(name).setTimeout(Duration.newBuilder().setSeconds(30)).build();
    Operation operation = connection.operations().waitOperation(request);
    SimulateWorkResponse response = operation.getResponse().unpack(SimulateWorkResponse.class);
    return Map.of("done", operation.getDone(), "payload", response.getPayload());
  }

  Map<String, Object> delete() {
    String name = begin(Work.ofMillis(0).build()).getName();
    connection.operations().deleteOperation(name);
    return Map.of("code", Code.of(refusalOf(name)));
  }

  Map<String, Object> list() {
    String parent = "projects/java-" + ProcessHandle.current().pid();
    for (int index = 0; index < 5; index++) begin(Work.ofMillis(0).setParent(parent).build());
    int operations = 0;
    int pages = 0;
    for (ListOperationsPage page : listed(parent).iteratePages()) {
      for (Operation ignored : page.getValues()) operations++;
      pages++;
    }
    return Map.of("operations", operations, "pages", pages);
  }

  private ListOperationsPagedResponse listed(String parent) {
    return connection
        .operations()
        .listOperations(ListOperationsRequest.newBuilder().setName(parent).setPageSize(2).build());
  }

  Map<String, Object> notFound() {
    ApiException refusal = refusalOf("operations/none");
    return Map.of("code", Code.of(refusal), "reason", refusal.getReason());
  }

  private ApiException refusalOf(String name) {
    try {
      throw new IllegalStateException("got: " + connection.operations().getOperation(name));
    } catch (ApiException refusal) {
      return refusal;
    }
  }

  Map<String, Object> deadline() {
    String name = begin(Work.ofMillis(60_000).build()).getName();
    ApiCallContext oneSecond = GrpcCallContext.createDefault().withTimeoutDuration(java.time.Duration.ofSeconds(1));
    WaitOperationRequest request = WaitOperationRequest.newBuilder().setName(name).build();
    long before = System.nanoTime();
    Operation operation = connection.operations().waitOperationCallable().call(request, oneSecond);
    return Map.of("done", operation.getDone(), "early", System.nanoTime() - before < 1_000_000_000L);
  }

  Map<String, Object> unknownAny() {
    Any metadata = connection.operations().getOperation("projects/far/operations/away").getMetadata();
    int listed = 0;
    for (Operation ignored : listed("projects/far").iterateAll()) listed++;
    String value = HexFormat.of().formatHex(metadata.getValue().toByteArray());
    return Map.of("typeUrl", metadata.getTypeUrl(), "value", value, "listed", listed);
  }
}
