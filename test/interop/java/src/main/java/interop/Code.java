package interop;

import com.google.api.gax.rpc.ApiException;
import io.grpc.Status;

/** The numbers of google.rpc.Code. */
final class Code {
  static int of(ApiException error) {
    return ((Status.Code) error.getStatusCode().getTransportCode()).value();
  }

  private Code() {}
}
