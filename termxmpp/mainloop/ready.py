"""Waiting for a descriptor, whatever it is, in the running loop.

epoll refuses regular files, which are always ready: for those a turn of the loop goes by.
"""

from __future__ import annotations

import asyncio

__all__ = ["readable", "writable"]


async def readable(fd: int) -> None:
    """Wait until `fd` has something to read, or its end."""
    loop = asyncio.get_running_loop()
    ready = loop.create_future()
    try:
        loop.add_reader(fd, _settle, ready)
    except PermissionError:
        await asyncio.sleep(0)
        return
    try:
        await ready
    finally:
        loop.remove_reader(fd)


async def writable(fd: int) -> None:
    """Wait until `fd` takes something, or nobody reads it any more."""
    loop = asyncio.get_running_loop()
    ready = loop.create_future()
    try:
        loop.add_writer(fd, _settle, ready)
    except PermissionError:
        await asyncio.sleep(0)
        return
    try:
        await ready
    finally:
        loop.remove_writer(fd)


def _settle(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)
