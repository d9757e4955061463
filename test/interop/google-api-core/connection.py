"""How a program gets google-api-core's Operation from a server: by gRPC, by gRPC with asyncio, or by REST."""

import grpc
from google.api_core import operation, operation_async, operations_v1
from google.auth.credentials import AnonymousCredentials
from google.auth.transport.requests import AuthorizedSession
from google.longrunning import operations_pb2
from google.protobuf import json_format
from longrunning.testing.v1 import simulator_pb2, simulator_pb2_grpc

TYPES = {
    "result_type": simulator_pb2.SimulateWorkResponse,
    "metadata_type": simulator_pb2.SimulateWorkMetadata,
}


def by_grpc(address):
    channel = grpc.insecure_channel(address)
    simulator = simulator_pb2_grpc.SimulatorServiceStub(channel)
    operations = operations_v1.OperationsClient(channel)

    def start(request):
        return operation.from_gapic(simulator.SimulateWork(request), operations, **TYPES)

    return start, operations


def by_asyncio(address):
    channel = grpc.aio.insecure_channel(address)
    simulator = simulator_pb2_grpc.SimulatorServiceStub(channel)
    operations = operations_v1.OperationsAsyncClient(channel)

    async def start(request):
        return operation_async.from_gapic(await simulator.SimulateWork(request), operations, **TYPES)

    return start, operations


def by_rest(address):
    session = AuthorizedSession(AnonymousCredentials())
    operations = operations_v1.AbstractOperationsClient(
        transport=operations_v1.OperationsRestTransport(
            # With its scheme: the transport's own url_scheme is not looked at.
            host=f"http://{address}",
            credentials=AnonymousCredentials(),
        )
    )

    def start(request):
        url = f"http://{address}/v1/simulator:simulateWork"
        answer = session.post(url, json=json_format.MessageToDict(request))
        answer.raise_for_status()
        started = json_format.Parse(answer.content, operations_pb2.Operation())
        return operation.from_gapic(started, operations, **TYPES)

    return start, operations


CONNECTIONS = {"grpc": by_grpc, "asyncio": by_asyncio, "rest": by_rest}
