package interop;

import com.google.api.gax.core.NoCredentialsProvider;
import com.google.api.gax.grpc.GrpcCallSettings;
import com.google.api.gax.grpc.GrpcCallableFactory;
import com.google.api.gax.grpc.InstantiatingGrpcChannelProvider;
import com.google.api.gax.grpc.ProtoOperationTransformers.MetadataTransformer;
import com.google.api.gax.grpc.ProtoOperationTransformers.ResponseTransformer;
import com.google.api.gax.longrunning.OperationSnapshot;
import com.google.api.gax.longrunning.OperationTimedPollAlgorithm;
import com.google.api.gax.retrying.RetrySettings;
import com.google.api.gax.rpc.ClientContext;
import com.google.api.gax.rpc.OperationCallSettings;
import com.google.api.gax.rpc.OperationCallable;
import com.google.api.gax.rpc.UnaryCallSettings;
import com.google.api.gax.rpc.UnaryCallable;
import com.google.longrunning.Operation;
import com.google.longrunning.OperationsClient;
import com.google.longrunning.stub.GrpcOperationsStub;
import com.google.longrunning.stub.OperationsStubSettings;
import io.grpc.ManagedChannelBuilder;
import io.grpc.MethodDescriptor;
import io.grpc.protobuf.ProtoUtils;
import java.time.Duration;
import longrunning.testing.v1.Simulator.SimulateWorkMetadata;
import longrunning.testing.v1.Simulator.SimulateWorkRequest;
import longrunning.testing.v1.Simulator.SimulateWorkResponse;

/** One channel to a server, Google's client of its operations, and the simulator's method that starts them. */
record Connection(
    OperationsClient operations,
    UnaryCallable<SimulateWorkRequest, Operation> simulateWork,
    OperationCallable<SimulateWorkRequest, SimulateWorkResponse, SimulateWorkMetadata> simulateWorkOperation)
    implements AutoCloseable {

  private static final MethodDescriptor<SimulateWorkRequest, Operation> SIMULATE_WORK =
      MethodDescriptor.<SimulateWorkRequest, Operation>newBuilder()
          .setType(MethodDescriptor.MethodType.UNARY)
          .setFullMethodName("longrunning.testing.v1.SimulatorService/SimulateWork")
          .setRequestMarshaller(ProtoUtils.marshaller(SimulateWorkRequest.getDefaultInstance()))
          .setResponseMarshaller(ProtoUtils.marshaller(Operation.getDefaultInstance()))
          .build();

  static Connection open(String endpoint) throws Exception {
    OperationsStubSettings.Builder settings = OperationsStubSettings.newBuilder();
    settings.setEndpoint(endpoint).setCredentialsProvider(NoCredentialsProvider.create());
    settings.setTransportChannelProvider(
        InstantiatingGrpcChannelProvider.newBuilder()
            .setChannelConfigurator(ManagedChannelBuilder::usePlaintext)
            .build());
    ClientContext context = ClientContext.create(settings.build());
    OperationsClient operations = OperationsClient.create(GrpcOperationsStub.create(context));
    GrpcCallSettings<SimulateWorkRequest, Operation> method = GrpcCallSettings.create(SIMULATE_WORK);
    return new Connection(
        operations,
        GrpcCallableFactory.createUnaryCallable(
            method, UnaryCallSettings.<SimulateWorkRequest, Operation>newUnaryCallSettingsBuilder().build(), context),
        GrpcCallableFactory.createOperationCallable(
            method, operationSettings(), context, operations.getStub()));
  }

  private static OperationCallSettings<SimulateWorkRequest, SimulateWorkResponse, SimulateWorkMetadata>
      operationSettings() {
    RetrySettings polling =
        RetrySettings.newBuilder()
            .setInitialRetryDelayDuration(Duration.ofMillis(100))
            .setMaxRetryDelayDuration(Duration.ofMillis(100))
            .setRetryDelayMultiplier(1)
            .setTotalTimeoutDuration(Duration.ofMinutes(1))
            .build();
    return OperationCallSettings
        .<SimulateWorkRequest, SimulateWorkResponse, SimulateWorkMetadata>newBuilder()
        .setInitialCallSettings(
            UnaryCallSettings.<SimulateWorkRequest, OperationSnapshot>newUnaryCallSettingsBuilder().build())
        .setResponseTransformer(ResponseTransformer.create(SimulateWorkResponse.class))
        .setMetadataTransformer(MetadataTransformer.create(SimulateWorkMetadata.class))
        .setPollingAlgorithm(OperationTimedPollAlgorithm.create(polling))
        .build();
  }

  @Override
  public void close() {
    operations.close();
  }
}
