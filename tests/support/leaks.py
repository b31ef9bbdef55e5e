"""What must be as it was when something is over: descriptors, tasks, threads."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

__all__ = ["nothing_left"]


@asynccontextmanager
async def nothing_left() -> AsyncIterator[None]:
    """Fail if the block leaves a descriptor, a task or a thread behind."""
    before = set(os.listdir("/proc/self/fd"))
    tasks = asyncio.all_tasks()
    yield
    # What was closed in the last turn leaves the loop in this one and the next.
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert asyncio.all_tasks() == tasks
    assert set(os.listdir("/proc/self/fd")) == before
    assert threading.active_count() == 1
