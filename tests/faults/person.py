"""A person at a client of ours, which runs in a process of its own behind a fault proxy."""

from __future__ import annotations

import asyncio
import json
import resource
import signal
import sys
from pathlib import Path
from typing import Any

from tests.faults.verdict import CONFIRMED
from tests.support.account import Place
from tests.support.proxy import FaultProxy

__all__ = ["Person"]

# A loaded machine may take its time to answer (seconds).
PATIENCE = 60.0


class Person:
    """Who types, and looks at what is told: `jid` with `password` at `server`.

    The records are in `folder`, and with `trace` all that the process does in a file beside
    them. What was typed counts as soon as it was shown (`shown`); a process that is killed
    before that has it typed once more. What was shown while nothing could be kept on disk may go
    with the process (`at_risk`).
    """

    def __init__(
        self,
        jid: str,
        password: str,
        server: Place,
        proxy: FaultProxy,
        folder: Path,
        *,
        trace: bool = False,
    ) -> None:
        self.jid = jid
        self.name = jid.partition("@")[0]
        self.proxy = proxy
        self.lock = asyncio.Lock()
        self.shown: set[tuple[str, str]] = set()
        self.delivered: list[str] = []
        self.resent: set[str] = set()
        self.confirmed: set[tuple[str, str]] = set()
        self.received: set[tuple[str, str]] = set()
        self.unseen: dict[str, str] = {}
        self.at_risk: set[tuple[str, str]] = set()
        self._order = {
            "jid": jid,
            "password": password,
            "port": proxy.port,
            "ca_file": str(server.ca_file),
            "records": str(folder / f"{self.name}.sqlite"),
            "trace": trace,
        }
        self._trace = folder / f"{self.name}.trace"
        self._process: asyncio.subprocess.Process | None = None
        self._reading: asyncio.Task[None] | None = None
        self._is_up = asyncio.Event()
        self._last = ""
        self._is_kept = True
        self._unkept: set[tuple[str, str]] = set()
        self._answers: asyncio.Queue[dict[str, Any]] = asyncio.Queue()

    async def starts(self) -> None:
        """Begin a process; what was typed and never shown is typed again."""
        self._is_up.clear()
        self._is_kept = True
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.faults.actor"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=2**26,
        )
        self._reading = asyncio.create_task(self._read(self._process))
        self._tell(self._order)
        waiting = asyncio.create_task(self._is_up.wait())
        await asyncio.wait({waiting, self._reading}, return_when=asyncio.FIRST_COMPLETED)
        if not waiting.done():
            raise ChildProcessError(f"the client of {self.name} did not start")

    async def is_killed(self) -> None:
        """SIGKILL, wherever it is, and another process."""
        assert self._process is not None
        assert self._reading is not None
        self._is_up.clear()
        self._process.kill()
        await self._process.wait()
        await self._reading
        lost = self._unkept - self.confirmed
        self.shown -= lost
        self.at_risk |= lost
        self._unkept.clear()
        await self.starts()

    async def sleeps(self, seconds: float) -> None:
        """SIGSTOP, and SIGCONT later."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)
        await asyncio.sleep(seconds)
        self._process.send_signal(signal.SIGCONT)

    async def has_no_disk(self, seconds: float) -> None:
        """Every write to a file fails for so long, as on a disk that is full."""
        assert self._process is not None
        _, hard = resource.prlimit(self._process.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(self._process.pid, resource.RLIMIT_FSIZE, (0, hard))
        await asyncio.sleep(seconds)
        resource.prlimit(self._process.pid, resource.RLIMIT_FSIZE, (hard, hard))

    def writes(self, to: str, text: str) -> None:
        """Type `text`; it counts as written when it is on the screen."""
        self.unseen[text] = to
        if self._is_up.is_set():
            self._tell({"do": "write", "to": to, "text": text})

    def sets_the_clock(self, by: float) -> None:
        """The clock of the process is wrong by so many seconds."""
        self._tell({"do": "clock", "by": by})

    async def logs_in_anew(self) -> None:
        """End the session, and begin another."""
        await self.asks("renew")

    async def asks(self, what: str) -> dict[str, Any]:
        """The answer to `status`, `screen`, `dump` or `renew`, when that is done."""
        while not self._answers.empty():
            self._answers.get_nowait()
        self._tell({"do": what})
        assert self._reading is not None
        async with asyncio.timeout(PATIENCE):
            while True:
                answer = await self._answers.get()
                if answer["kind"] == what:
                    return answer

    async def ends(self) -> None:
        """Close the process in good order."""
        if self._process is None or self._process.stdin is None:
            return
        self._is_up.clear()
        if self._process.returncode is None:
            self._process.stdin.close()
            async with asyncio.timeout(PATIENCE):
                await self._process.wait()
        if self._reading is not None:
            await self._reading

    def _tell(self, order: dict[str, Any]) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(order).encode() + b"\n")

    async def _read(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None
        while line := await process.stdout.readline():
            # What was cut short by a SIGKILL was not told.
            if line.endswith(b"\n"):
                self._hear(json.loads(line))
        if self._is_up.is_set() and self._process is process:
            raise ChildProcessError(f"the client of {self.name} has ended by itself: {self._last}")

    def _hear(self, what: dict[str, Any]) -> None:
        match what["kind"]:
            case "ready":
                self._is_up.set()
                for text, to in self.unseen.items():
                    self._tell({"do": "write", "to": to, "text": text})
            case "kept":
                self._is_kept = what["is_kept"]
                if self._is_kept:
                    self._unkept.clear()
            case "shown":
                place = (what["peer"], what["text"])
                self.shown.add(place)
                if what["live"]:
                    self.delivered.append(what["text"])
                self.unseen.pop(what["text"], None)
                if what["own"] and not self._is_kept:
                    self._unkept.add(place)
            case "fate":
                place = (what["peer"], what["text"])
                if what["fate"] in CONFIRMED:
                    self.confirmed.add(place)
                if what["fate"] == "RECEIVED":
                    self.received.add(place)
            case "died":
                self._last = what["text"]
            case "resent":
                self.resent.update(what["texts"])
            case "trace":
                with self._trace.open("a") as trace:
                    trace.write(what["text"] + "\n")
            case _:
                self._answers.put_nowait(what)
