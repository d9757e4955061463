"""What google-api-core shows of each behaviour; ../behaviours.ts says what each of them is."""

import asyncio
import os
import time

from google.api_core import exceptions
from google.longrunning import operations_pb2
from google.protobuf import any_pb2, duration_pb2, json_format
from google.rpc import error_details_pb2, status_pb2
from longrunning.testing.v1 import simulator_pb2
from settled import listed, refusal_of, settled

# By REST these clients only know operations below a resource.
PARENT = f"projects/python-{os.getpid()}"


class Behaviours:
    def __init__(self, start_work, operations, page_size):
        self._start_work = start_work
        self._operations = operations
        self._page_size = page_size

    async def _started(self, seconds, **work):
        """google-api-core's Operation of work that takes so many seconds."""
        duration = duration_pb2.Duration()
        duration.FromMilliseconds(int(seconds * 1_000))
        work = {"duration": duration, "parent": PARENT, **work}
        return await settled(self._start_work(simulator_pb2.SimulateWorkRequest(**work)))

    async def start(self):
        operation = (await self._started(60)).operation
        return {"name": operation.name, "done": operation.done}

    async def poll(self):
        operation = await self._started(1, payload="polled")
        response = await settled(operation.result())
        return {"done": await settled(operation.done()), "payload": response.payload}

    async def wait(self):
        name = (await self._started(1, payload="waited")).operation.name
        timeout = duration_pb2.Duration(seconds=30)
        request = operations_pb2.WaitOperationRequest(name=name, timeout=timeout)
        operation = await settled(self._operations.operations_stub.WaitOperation(request))
        response = simulator_pb2.SimulateWorkResponse()
        operation.response.Unpack(response)
        return {"done": operation.done, "payload": response.payload}

    async def deadline(self):
        request = operations_pb2.WaitOperationRequest(name=(await self._started(60)).operation.name)
        before = time.monotonic()
        operation = await settled(self._operations.operations_stub.WaitOperation(request, timeout=5))
        return {"done": operation.done, "early": time.monotonic() - before < 5}

    async def progress(self):
        operation = await self._started(2, steps=3)
        seen = [operation.metadata.steps_done]
        while not await settled(operation.done()):
            seen.append(operation.metadata.steps_done)
            await asyncio.sleep(0.1)
        seen.append(operation.metadata.steps_done)
        rising = seen == sorted(seen) and len(set(seen)) > 1
        return {"stepsDone": seen[-1], "stepsTotal": operation.metadata.steps_total, "rising": rising}

    async def success(self):
        operation = await self._started(0.1, payload="hello")
        return {"payload": (await settled(operation.result())).payload}

    async def failure(self):
        disk_full = any_pb2.Any()
        disk_full.Pack(error_details_pb2.ErrorInfo(reason="DISK_FULL", domain="example.com"))
        status = status_pb2.Status(code=9, message="the disk is full", details=[disk_full])
        operation = await self._started(0.1, error=status)
        # The google.rpc.Status of the operation.
        [error] = (await refusal_of(operation.result)).errors
        info = error_details_pb2.ErrorInfo()
        error.details[0].Unpack(info)
        return {
            "code": error.code,
            "message": error.message,
            "reason": info.reason,
            "domain": info.domain,
        }

    async def cancel(self):
        operation = await self._started(60)
        await settled(operation.cancel())
        [error] = (await refusal_of(operation.result)).errors
        return {"code": error.code}

    async def delete(self):
        name = (await self._started(0)).operation.name
        await settled(self._operations.delete_operation(name))
        return {"code": code_of(await refusal_of(self._operations.get_operation, name))}

    async def list(self):
        parent = f"{PARENT}-list"
        for _ in range(5):
            await self._started(0, parent=parent)
        pager = await settled(self._operations.list_operations(parent, "", **self._page_size))
        # A page is a ListOperationsResponse by REST, and by gRPC the operations themselves.
        pages = [list(getattr(page, "operations", page)) for page in await listed(pager.pages)]
        return {"operations": sum(len(page) for page in pages), "pages": len(pages)}

    async def not_found(self):
        error = await refusal_of(self._operations.get_operation, f"{PARENT}/operations/none")
        [info] = error.details
        # A message by gRPC, JSON by REST.
        reason = info["reason"] if isinstance(info, dict) else info.reason
        return {"code": code_of(error), "reason": reason}

    async def unknown_any(self):
        try:
            operation = await settled(self._operations.get_operation("projects/far/operations/away"))
            pager = await settled(self._operations.list_operations("projects/far", ""))
        except json_format.ParseError:
            return {"threw": "ParseError"}
        metadata = operation.metadata
        count = len(await listed(pager))
        return {"typeUrl": metadata.type_url, "value": metadata.value.hex(), "listed": count}


def code_of(error: exceptions.GoogleAPICallError):
    """The code of google.rpc.Code: gRPC's own is an enum of a number and a name."""
    return error.grpc_status_code.value[0]
