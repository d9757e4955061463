"""Calls of google-api-core's clients answer at once, and those of its clients for asyncio later: one way for both."""

import inspect

from google.api_core import exceptions


async def settled(answer):
    """What a call answers."""
    return await answer if inspect.isawaitable(answer) else answer


async def listed(items):
    """All of what a call lists."""
    return [item async for item in items] if hasattr(items, "__aiter__") else list(items)


async def refusal_of(call, *args):
    """What a call raises; None where it answers."""
    try:
        await settled(call(*args))
    except exceptions.GoogleAPICallError as error:
        return error
