"""asyncio on the same epoll: a selector whose `select()` is the main loop's one wait.

`select()` only waits. What is ready or due for pyxmpp2's handlers is given back as asyncio
handles, which the event loop runs like any callback; no handler ever runs inside `select()`.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, NoReturn, TypeVar

from termxmpp.mainloop.children import need_no_thread
from termxmpp.mainloop.epoll import BROKEN, READ, WRITE, EpollMainLoop

__all__ = ["EpollEventLoop", "EpollSelector", "run"]

Result = TypeVar("Result")


class EpollSelector(selectors.BaseSelector):
    """asyncio's selector over the epoll set of `mainloop`."""

    def __init__(self, mainloop: EpollMainLoop) -> None:
        self._mainloop = mainloop
        self._keys: dict[int, selectors.SelectorKey] = {}
        self.loop: asyncio.AbstractEventLoop | None = None

    def register(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        fd = _fileno(fileobj)
        if fd in self._keys:
            raise KeyError(f"{fileobj!r} is registered already")
        return self._put(fileobj, fd, events, data)

    def modify(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        fd = _fileno(fileobj)
        if fd not in self._keys:
            raise KeyError(f"{fileobj!r} is not registered")
        return self._put(fileobj, fd, events, data)

    def unregister(self, fileobj: Any) -> selectors.SelectorKey:
        key = self._keys.pop(self._fd_of(fileobj))
        self._mainloop.unwatch(key.fd)
        return key

    def get_map(self) -> Mapping[Any, selectors.SelectorKey]:
        return {key.fileobj: key for key in self._keys.values()}

    def get_key(self, fileobj: Any) -> selectors.SelectorKey:
        try:
            return self._keys[self._fd_of(fileobj)]
        except KeyError:
            raise KeyError(f"{fileobj!r} is not registered") from None

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Wait at most `timeout` seconds; what is ready, in the form asyncio expects."""
        ready: list[tuple[selectors.SelectorKey, int]] = []
        for fd, watch, mask in self._mainloop.wait(timeout):
            if isinstance(watch.owner, selectors.SelectorKey):
                ready.append((self._keys.get(fd, watch.owner), _asyncio_events(mask)))
            else:
                ready.append(self._as_callback(self._mainloop.serve, fd, watch, mask))
        ready.extend(self._as_callback(run) for run in self._mainloop.take_due())
        return ready

    def close(self) -> None:
        for fd in list(self._keys):
            self._mainloop.unwatch(fd)
        self._keys.clear()

    def _put(self, fileobj: Any, fd: int, events: int, data: Any) -> selectors.SelectorKey:
        key = selectors.SelectorKey(fileobj, fd, events, data)
        wanted = (READ if events & selectors.EVENT_READ else 0) | (
            WRITE if events & selectors.EVENT_WRITE else 0
        )
        self._mainloop.watch(fd, wanted, key)
        self._keys[fd] = key
        return key

    def _fd_of(self, fileobj: Any) -> int:
        """The number under which `fileobj` is registered, also when it has been closed since."""
        try:
            return _fileno(fileobj)
        except ValueError:
            for key in self._keys.values():
                if key.fileobj is fileobj:
                    return key.fd
            raise KeyError(f"{fileobj!r} is not registered") from None

    def _as_callback(
        self, function: Callable[..., None], *args: Any
    ) -> tuple[selectors.SelectorKey, int]:
        """A key that makes asyncio call `function` in the turn that begins now."""
        assert self.loop is not None
        handle = asyncio.Handle(function, args, self.loop)
        key = selectors.SelectorKey(-1, -1, selectors.EVENT_READ, (handle, None))
        return key, selectors.EVENT_READ


class EpollEventLoop(asyncio.SelectorEventLoop):
    """asyncio's event loop on `mainloop`: one thread, and no executor to make more."""

    def __init__(self, mainloop: EpollMainLoop) -> None:
        need_no_thread()
        selector = EpollSelector(mainloop)
        super().__init__(selector)
        selector.loop = self

    def run_in_executor(  # type: ignore[override]  # it never returns
        self, executor: Any, func: Any, *args: Any
    ) -> NoReturn:
        """Refused: termxmpp has one thread, which nothing may block."""
        raise RuntimeError(f"{func!r} wants a thread of its own; termxmpp has one thread.")


def run(main: Callable[[EpollMainLoop], Coroutine[Any, Any, Result]]) -> Result:
    """Run `main(mainloop)` on a new loop to its end; what it returns.

    SIGINT cancels it and is raised as KeyboardInterrupt, as `asyncio.run` does.
    """
    mainloop = EpollMainLoop()
    try:
        with asyncio.Runner(loop_factory=lambda: EpollEventLoop(mainloop)) as runner:
            return runner.run(main(mainloop))
    finally:
        mainloop.close()


def _fileno(fileobj: Any) -> int:
    fd = fileobj if isinstance(fileobj, int) else int(fileobj.fileno())
    if fd < 0:
        raise ValueError(f"{fileobj!r} is closed")
    return fd


def _asyncio_events(mask: int) -> int:
    """What asyncio calls the epoll events in `mask`: a broken channel is ready for both."""
    events = 0
    if mask & (READ | BROKEN):
        events |= selectors.EVENT_READ
    if mask & (WRITE | BROKEN):
        events |= selectors.EVENT_WRITE
    return events
