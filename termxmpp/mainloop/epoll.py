"""EpollMainLoop: a pyxmpp2 main loop on one epoll.

The law: it never spins and never sleeps past a need. The one blocking call gets a time-out of
0 only while something is ready to run, else until the earliest due time, else for good. What
a handler wants is asked before every wait, so that nobody has to tell when it changes.
"""

from __future__ import annotations

import asyncio
import inspect
import logging
import os
import select
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pyxmpp2.exceptions import PyXMPPIOError
from pyxmpp2.mainloop.base import MainLoopBase
from pyxmpp2.mainloop.interfaces import HandlerReady, PrepareAgain

__all__ = ["EpollMainLoop", "Watch"]

if not sys.platform.startswith("linux"):
    raise ImportError("EpollMainLoop needs Linux: no other system has epoll.")

logger = logging.getLogger(__name__)

READ = select.EPOLLIN | select.EPOLLPRI
WRITE = select.EPOLLOUT
BROKEN = select.EPOLLHUP | select.EPOLLERR

# A handler that asks to be called again at once gets that so often without a pause, since
# preparing may have some steps; then it waits this long between calls (seconds). A handler
# that is never content so costs a hundred calls a second and not the machine.
EAGER_CALLS = 16
EAGER_PAUSE = 0.01

# epoll takes no time-out over 2**31 ms, some 24 days (seconds).
LONGEST_WAIT = 2_000_000.0


@dataclass(slots=True)
class Watch:
    """A file descriptor in the epoll set: the `events` waited for, and for whom."""

    owner: Any
    events: int


@dataclass(slots=True)
class _Timer:
    due: float
    method: Callable[[], Any]


@dataclass(slots=True)
class _Preparation:
    """A handler that isn't ready: when to ask it again (None: whenever the loop wakes)."""

    due: float | None
    eager_calls: int = 0


class EpollMainLoop(MainLoopBase):  # type: ignore[misc]  # pyxmpp2 is untyped
    """A pyxmpp2 main loop for any client or bot on Linux.

    `settings` and `handlers` are as for every pyxmpp2 main loop; `clock` gives seconds that
    never go back. `waits` counts the returns of the blocking call. An exception out of a
    handler is logged and costs that handler only: it is closed and removed.
    """

    def __init__(
        self,
        settings: Any = None,
        handlers: Any = None,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.waits = 0
        self._clock = clock
        self._epoll = select.epoll()
        self._waker = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._watches: dict[int, Watch] = {}
        self._io_handlers: dict[Any, int | None] = {}
        self._preparing: dict[Any, _Preparation] = {}
        self._timers: list[_Timer] = []
        self._running_timers: list[_Timer] = []
        self.watch(self._waker, READ, self)
        super().__init__(settings, handlers)

    # pyxmpp2's interface.

    def loop(self, timeout: float | None = None) -> None:
        """Run until `quit`, or for `timeout` seconds."""
        self._started = True
        end = None if timeout is None else self._clock() + timeout
        while not self._quit:
            left = None if end is None else end - self._clock()
            if left is not None and left <= 0:
                return
            self.loop_iteration(left)

    def loop_iteration(self, timeout: float | None = None) -> int:
        """Run what is due, wait at most `timeout` seconds, serve what is ready.

        Returns how many handlers were called. RuntimeError while asyncio runs the loop.
        """
        if asyncio._get_running_loop() is not None:
            raise RuntimeError("asyncio runs this loop; loop_iteration() would block it.")
        called = 0
        if self.check_events():
            return called
        for run in self.take_due():
            run()
            called += 1
            if self._quit:
                return called
        for fd, watch, mask in self.wait(timeout):
            self.serve(fd, watch, mask)
            called += 1
            if self._quit:
                break
        return called

    def quit(self) -> None:
        """End the loop after this turn; also from a signal handler or another thread."""
        super().quit()
        os.eventfd_write(self._waker, 1)

    def close(self) -> None:
        """Close what the loop itself has open; it can't be used any more."""
        self._epoll.close()
        os.close(self._waker)

    def check_events(self) -> bool:
        """Dispatch pyxmpp2's events; True if the loop is to end.

        What an event handler raises is logged and costs that event only.
        """
        try:
            return bool(super().check_events())
        except Exception:
            logger.exception("an event handler failed")
            return bool(self.finished)

    def _add_io_handler(self, handler: Any) -> None:
        self._io_handlers.setdefault(handler, None)
        self._preparing[handler] = _Preparation(self._clock())

    def _remove_io_handler(self, handler: Any) -> None:
        self._preparing.pop(handler, None)
        fd = self._io_handlers.pop(handler, None)
        if fd is not None:
            self._release(fd, handler)

    def _add_timeout_handler(self, handler: Any) -> None:
        now = self._clock()
        for _name, method in inspect.getmembers(handler, callable):
            interval = getattr(method, "_pyxmpp_timeout", None)
            if interval is not None:
                self._timers.append(_Timer(now + interval, method))

    def _remove_timeout_handler(self, handler: Any) -> None:
        for timers in (self._timers, self._running_timers):
            timers[:] = [
                timer for timer in timers if getattr(timer.method, "__self__", None) is not handler
            ]

    # The one blocking call, which asyncio's selector uses too.

    def wait(self, timeout: float | None) -> list[tuple[int, Watch, int]]:
        """Block until a descriptor is ready, something is due, or `timeout` seconds are over.

        Returns (fd, watch, epoll events) of what is ready; None blocks for good.
        """
        for handler in list(self._io_handlers):
            self._update(handler)
        due = self.next_due()
        if due is not None:
            left = max(0.0, due - self._clock())
            timeout = left if timeout is None else min(timeout, left)
        ready = self._poll(timeout if timeout is None else min(timeout, LONGEST_WAIT))
        self.waits += 1
        self._hurry_waiting()
        known = []
        for fd, mask in ready:
            watch = self._watches.get(fd)
            if watch is None:
                self._rebuild()
            elif watch.owner is self:
                os.eventfd_read(self._waker)
            else:
                known.append((fd, watch, mask))
        return known

    def next_due(self) -> float | None:
        """The clock's time at which something is to run; None if nothing is."""
        times = [timer.due for timer in self._timers]
        times += [each.due for each in self._preparing.values() if each.due is not None]
        return min(times, default=None)

    def take_due(self) -> list[Callable[[], None]]:
        """What is due now, to be run once each; it may be gone by then and does nothing."""
        now = self._clock()
        timers = sorted(
            (timer for timer in self._timers if timer.due <= now), key=lambda timer: timer.due
        )
        runs: list[Callable[[], None]] = [self._timer_run(timer) for timer in timers]
        for handler, preparation in self._preparing.items():
            if preparation.due is not None and preparation.due <= now:
                runs.append(self._preparation_run(handler))
        return runs

    def watch(self, fd: int, events: int, owner: Any) -> None:
        """Wait for `events` on `fd` for `owner`, who replaces whoever had that number before.

        Raises PermissionError for what epoll can't wait for: regular files and directories.
        """
        known = self._watches.get(fd)
        if known is not None and known.owner is owner and known.events == events:
            return
        try:
            if known is None:
                self._epoll.register(fd, events)
            else:
                self._epoll.modify(fd, events)
        except FileNotFoundError:
            # The number was closed behind our back and is in use again.
            self._epoll.register(fd, events)
        except FileExistsError:
            self._epoll.modify(fd, events)
        self._watches[fd] = Watch(owner, events)

    def unwatch(self, fd: int) -> None:
        """Wait for `fd` no longer; it may be closed already."""
        if self._watches.pop(fd, None) is not None:
            try:
                self._epoll.unregister(fd)
            except OSError:
                # The kernel dropped it from the set when it was closed.
                logger.debug("fd %d was closed before it was unwatched", fd)

    def serve(self, fd: int, watch: Watch, mask: int) -> None:
        """Let the pyxmpp2 handler of `watch` handle the events `mask`, if it still wants them."""
        handler = watch.owner
        if self._watches.get(fd) is not watch or self._io_handlers.get(handler) != fd:
            return
        try:
            _call(handler, mask)
        except PyXMPPIOError as error:
            logger.warning("%r lost its connection: %s", handler, error)
            self._drop(handler)
        except Exception:
            logger.exception("%r failed and is closed", handler)
            self._drop(handler)
        else:
            if mask & BROKEN and not mask & READ and handler.fileno() == fd:
                # It was told that its channel is broken and keeps it: it would be told forever.
                self._drop(handler)
        self.check_events()

    def _poll(self, timeout: float | None) -> list[tuple[int, int]]:
        # epoll counts milliseconds and rounds towards later, so a due time is over on return.
        return self._epoll.poll(timeout, max(len(self._watches), 1))

    def _update(self, handler: Any) -> None:
        """Put into the set what `handler` wants now; no interest means not in the set."""
        old = self._io_handlers[handler]
        fd, events = _interest(handler)
        if old is not None and (old != fd or not events):
            self._release(old, handler)
        if fd is not None and events:
            self.watch(fd, events, handler)
            self._io_handlers[handler] = fd
        else:
            self._io_handlers[handler] = None

    def _release(self, fd: int, handler: Any) -> None:
        watch = self._watches.get(fd)
        if watch is not None and watch.owner is handler:
            self.unwatch(fd)

    def _drop(self, handler: Any) -> None:
        self.remove_handler(handler)
        try:
            handler.close()
        except Exception:
            logger.exception("%r could not even be closed", handler)

    def _hurry_waiting(self) -> None:
        """The loop woke: who wanted to be prepared "whenever it happens" is due."""
        now = self._clock()
        for preparation in self._preparing.values():
            if preparation.due is None:
                preparation.due = now

    def _preparation_run(self, handler: Any) -> Callable[[], None]:
        def run() -> None:
            preparation = self._preparing.get(handler)
            if preparation is not None:
                self._prepare(handler, preparation)

        return run

    def _prepare(self, handler: Any, preparation: _Preparation) -> None:
        try:
            result = handler.prepare()
        except Exception:
            logger.exception("%r could not be prepared and is closed", handler)
            self._drop(handler)
            return
        if self._preparing.get(handler) is not preparation:
            return
        if isinstance(result, HandlerReady):
            del self._preparing[handler]
        elif isinstance(result, PrepareAgain):
            self._prepare_again(preparation, result.timeout)
        else:
            logger.error("%r.prepare() returned %r and is closed", handler, result)
            self._drop(handler)
        self.check_events()

    def _prepare_again(self, preparation: _Preparation, timeout: float | None) -> None:
        if timeout is None:
            preparation.due = None
            return
        preparation.eager_calls = preparation.eager_calls + 1 if timeout <= 0 else 0
        if preparation.eager_calls > EAGER_CALLS:
            timeout = EAGER_PAUSE
        preparation.due = self._clock() + timeout

    def _timer_run(self, timer: _Timer) -> Callable[[], None]:
        # Out of the list until it has run, so that it is not due twice.
        self._timers.remove(timer)
        self._running_timers.append(timer)

        def run() -> None:
            if timer not in self._running_timers:
                return
            self._running_timers.remove(timer)
            self._call_timer(timer.method)

        return run

    def _call_timer(self, method: Any) -> None:
        try:
            result = method()
        except Exception:
            logger.exception("%r failed and will not be called again", method)
            return
        recurring = method._pyxmpp_recurring
        if recurring:
            interval = method._pyxmpp_timeout
        elif recurring is None and result is not None:
            interval = result
        else:
            interval = None
        if interval is not None:
            self._timers.append(_Timer(self._clock() + max(interval, EAGER_PAUSE), method))
        self.check_events()

    def _rebuild(self) -> None:
        """Start over with a new epoll set.

        A closed descriptor of which a duplicate lives stays in the set, can't be taken out by
        its number any more, and would wake the loop forever.
        """
        self._epoll.close()
        self._epoll = select.epoll()
        watches, self._watches = self._watches, {}
        for fd, watch in watches.items():
            try:
                self.watch(fd, watch.events, watch.owner)
            except OSError:
                logger.debug("fd %d is gone", fd)


def _interest(handler: Any) -> tuple[int | None, int]:
    """The descriptor of `handler`, and the events that it wants on it."""
    fd = handler.fileno()
    if fd is None or fd < 0:
        return None, 0
    events = READ if handler.is_readable() else 0
    if handler.is_writable():
        events |= WRITE
    return fd, events


def _call(handler: Any, mask: int) -> None:
    """Call the methods of `handler` that the epoll events in `mask` are for.

    Reading comes first: what the peer said before it hung up is not lost, and a reader meets
    the error itself.
    """
    if mask & READ:
        handler.handle_read()
    elif mask & select.EPOLLERR:
        handler.handle_err()
    elif mask & select.EPOLLHUP:
        handler.handle_hup()
    if mask & WRITE and not mask & BROKEN:
        handler.handle_write()
