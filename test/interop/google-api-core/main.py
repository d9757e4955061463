"""google-api-core's Operation and its clients of operations: python main.py grpc|asyncio|rest URL"""

import asyncio
import json
import sys
import traceback
from urllib.parse import urlsplit

from behaviours import Behaviours
from connection import CONNECTIONS

BEHAVIOURS = [
    "start",
    "poll",
    "wait",
    "progress",
    "success",
    "failure",
    "cancel",
    "delete",
    "list",
    "not-found",
    "deadline",
    "unknown-any",
]

# What only the stub of gRPC has.
BY_STUB = ["wait", "deadline"]


async def main(protocol, url):
    start_work, operations = CONNECTIONS[protocol](urlsplit(url).netloc)
    # Only the client of REST can be told how large a page is to be.
    behaviours = Behaviours(start_work, operations, {"page_size": 2} if protocol == "rest" else {})
    for behaviour in BEHAVIOURS:
        if behaviour in BY_STUB and not hasattr(operations, "operations_stub"):
            show(behaviour=behaviour, missing=True)
            continue
        try:
            saw = await getattr(behaviours, behaviour.replace("-", "_"))()
        except Exception:
            saw = {"threw": traceback.format_exc()}
        show(behaviour=behaviour, saw=saw)


def show(**line):
    # As JSON.stringify writes it: the tests look for the beginning of such a line.
    print(json.dumps(line, separators=(",", ":")), flush=True)


asyncio.run(main(*sys.argv[1:]))
