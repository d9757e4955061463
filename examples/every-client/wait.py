"""Waits for an operation of the simulator with google-api-core: wait.py HOST:PORT NAME SCHEMA"""

import sys
from pathlib import Path

import grpc
from google.api_core.operation import Operation
from google.longrunning.operations_pb2 import (
    CancelOperationRequest,
    GetOperationRequest,
    WaitOperationRequest,
)
from google.longrunning.operations_pb2_grpc import OperationsStub
from google.protobuf import descriptor_pool, message_factory
from google.protobuf.descriptor_pb2 import FileDescriptorSet


def simulate_work_response(schema):
    pool = descriptor_pool.DescriptorPool()
    for file in FileDescriptorSet.FromString(Path(schema).read_bytes()).file:
        pool.Add(file)
    name = "longrunning.testing.v1.SimulateWorkResponse"
    return message_factory.GetMessageClass(pool.FindMessageTypeByName(name))


target, name, schema = sys.argv[1:]
with grpc.insecure_channel(target) as channel:
    operations = OperationsStub(channel)
    operation = Operation(
        operations.GetOperation(GetOperationRequest(name=name)),
        # google-api-core polls with GetOperation; with WaitOperation in its place it waits.
        refresh=lambda retry=None: operations.WaitOperation(WaitOperationRequest(name=name)),
        cancel=lambda: operations.CancelOperation(CancelOperationRequest(name=name)),
        result_type=simulate_work_response(schema),
    )
    print(operation.result().payload)
