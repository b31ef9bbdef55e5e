"""asyncio on the same epoll: handlers run as callbacks, and nothing wakes without a need."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import threading
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from pyxmpp2.mainloop.interfaces import TimeoutHandler, timeout_handler

from termxmpp.mainloop import EpollMainLoop, run
from tests.mainloop.test_epoll import Channel


def in_loop(work: Callable[[EpollMainLoop], Awaitable[Any]]) -> Any:
    """Run `work(mainloop)` under asyncio on a new loop."""

    async def main(mainloop: EpollMainLoop) -> Any:
        return await work(mainloop)

    return run(main)


def test_idle_it_wakes_for_the_end_only() -> None:
    async def work(mainloop: EpollMainLoop) -> int:
        await asyncio.sleep(0)
        before = mainloop.waits
        await asyncio.sleep(0.3)
        return mainloop.waits - before

    assert in_loop(work) <= 2


def test_a_handler_may_settle_futures_start_tasks_and_raise(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def work(mainloop: EpollMainLoop) -> list[str]:
        loop = asyncio.get_running_loop()
        ours, peer = socket.socketpair()
        channel = Channel(ours)
        settled: asyncio.Future[str] = loop.create_future()
        started: asyncio.Future[str] = loop.create_future()

        async def task() -> None:
            started.set_result("task")

        tasks = []

        def handle() -> None:
            settled.set_result("future")
            tasks.append(loop.create_task(task()))
            raise ValueError("and then it failed")

        channel.on_read = handle
        mainloop.add_handler(channel)
        with peer:
            peer.send(b"x")
            async with asyncio.timeout(5):
                return [await settled, await started]

    assert in_loop(work) == ["future", "task"]
    assert "and then it failed" in caplog.text


def test_timers_of_pyxmpp2_are_called_and_may_settle_futures() -> None:
    async def work(mainloop: EpollMainLoop) -> str:
        called: asyncio.Future[str] = asyncio.get_running_loop().create_future()

        class Timer(TimeoutHandler):  # type: ignore[misc]  # pyxmpp2 is untyped
            @timeout_handler(0.05, recurring=False)  # type: ignore[untyped-decorator]  # pyxmpp2
            def due(self) -> None:
                called.set_result("called")

        mainloop.add_handler(Timer())
        async with asyncio.timeout(5):
            return await called

    assert in_loop(work) == "called"


def test_a_handler_may_stop_the_loop() -> None:
    async def work(mainloop: EpollMainLoop) -> None:
        mainloop.delayed_call(0.01, asyncio.get_running_loop().stop)
        await asyncio.sleep(60)

    with pytest.raises(RuntimeError, match="Event loop stopped"):
        in_loop(work)


def test_the_loop_can_not_be_run_twice() -> None:
    async def work(mainloop: EpollMainLoop) -> None:
        with pytest.raises(RuntimeError, match="asyncio runs this loop"):
            mainloop.loop_iteration(0)

    in_loop(work)


def test_there_is_one_thread_and_no_way_to_another() -> None:
    async def work(mainloop: EpollMainLoop) -> int:
        with pytest.raises(RuntimeError, match="one thread"):
            await asyncio.get_running_loop().run_in_executor(None, print)
        child = await asyncio.create_subprocess_exec("cat", stdin=asyncio.subprocess.PIPE)
        # While it runs: what waited for it would be gone with it.
        threads = threading.active_count()
        await child.communicate(b"")
        assert child.returncode == 0
        return threads

    assert in_loop(work) == threading.active_count()


def test_there_is_one_epoll_descriptor() -> None:
    async def work(mainloop: EpollMainLoop) -> int:
        return epolls()

    assert in_loop(work) - epolls() == 1


def epolls() -> int:
    """How many epoll descriptors this process has open."""
    targets = []
    for fd in os.listdir("/proc/self/fd"):
        # The descriptor that lists the folder is gone by now.
        with contextlib.suppress(FileNotFoundError):
            targets.append(os.readlink(f"/proc/self/fd/{fd}"))
    return sum("eventpoll" in target for target in targets)


def test_streams_and_handlers_live_side_by_side() -> None:
    async def work(mainloop: EpollMainLoop) -> tuple[bytes, list[bytes]]:
        ours, peer = socket.socketpair()
        channel = Channel(ours)
        mainloop.add_handler(channel)
        reader, writer = await asyncio.open_connection(sock=peer)
        channel.outgoing = b"from the handler\n"
        line = await reader.readline()
        received = asyncio.get_running_loop().create_future()
        channel.on_read = lambda: received.set_result(None)
        writer.write(b"from the stream")
        await received
        writer.close()
        await writer.wait_closed()
        mainloop.remove_handler(channel)
        channel.close()
        return line, channel.received

    assert in_loop(work) == (b"from the handler\n", [b"from the stream"])


def test_child_processes_are_waited_for_without_a_thread() -> None:
    async def child(status: int) -> tuple[int, int | None]:
        command = ("sh", "-c", f"read; exit {status}")
        begun = await asyncio.create_subprocess_exec(*command, stdin=asyncio.subprocess.PIPE)
        assert begun.stdin is not None
        threads = threading.active_count()
        begun.stdin.close()
        return threads, await begun.wait()

    async def work(mainloop: EpollMainLoop) -> list[tuple[int, int | None]]:
        return list(await asyncio.gather(child(1), child(2)))

    for _ in range(2):
        assert in_loop(work) == [(1, 1), (1, 2)]


def test_a_child_that_is_killed_when_it_has_ended_already_is_waited_for_all_the_same() -> None:
    """Killing it looks whether it has ended, and so takes the answer that asyncio waits for."""

    async def work(mainloop: EpollMainLoop) -> int | None:
        held, end = os.pipe()
        child = await asyncio.create_subprocess_exec(
            "cat", stdin=held, stdout=asyncio.subprocess.PIPE
        )
        os.close(held)
        # It ends now, beside the loop, which is not to know it yet.
        os.close(end)
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)  # noqa: ASYNC222
        child.kill()
        async with asyncio.timeout(10):
            await child.wait()
        await child.communicate()
        return child.returncode

    assert in_loop(work) is not None
