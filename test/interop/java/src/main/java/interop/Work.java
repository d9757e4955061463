package interop;

import com.google.protobuf.Any;
import com.google.protobuf.Duration;
import com.google.rpc.Code;
import com.google.rpc.ErrorInfo;
import com.google.rpc.Status;
import longrunning.testing.v1.Simulator.SimulateWorkRequest;

/** What the simulator is asked to do. */
final class Work {
  static SimulateWorkRequest.Builder ofMillis(long millis) {
    return SimulateWorkRequest.newBuilder()
        .setDuration(
            Duration.newBuilder().setSeconds(millis / 1_000).setNanos((int) (millis % 1_000) * 1_000_000));
  }

  static SimulateWorkRequest failing() {
    ErrorInfo info = ErrorInfo.newBuilder().setReason("DISK_FULL").setDomain("example.com").build();
    Status error =
        Status.newBuilder()
            .setCode(Code.FAILED_PRECONDITION_VALUE)
            .setMessage("the disk is full")
            .addDetails(Any.pack(info))
            .build();
    return ofMillis(100).setError(error).build();
  }

  private Work() {}
}
