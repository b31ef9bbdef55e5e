"""A big roster: 10,000 contacts, 500 of them online, from the start of the program to its use.

Usable is: the roster is drawn with who is there, and keys are echoed as ever. The contacts are
Prosody's records; a module of ours answers for them when alice asks who is there.
"""

from __future__ import annotations

import platform
import statistics
import sys
import tempfile
import time
from pathlib import Path

from termxmpp.demo.server import MODULES, PrivateProsody
from tests.bench.keys import Typist
from tests.bench.measure import percentile, processor_ms, resident_mb
from tests.support.rosters import stored_roster
from tests.support.terminal import Terminal, environment

__all__ = ["crowd", "main"]

CONTACTS, ONLINE = 10_000, 500
RUNS = 5
KEYS = 100

_CROWD = """\
local st = require "util.stanza";
module:hook("presence/bare", function (event)
    local stanza, contact = event.stanza, event.stanza.attr.to;
    local number = contact and tonumber(contact:match("^c(%%d+)@"));
    if number and number < %d and stanza.attr.type == "probe" then
        local here = st.presence({ from = contact.."/desk"; to = stanza.attr.from });
        event.origin.send(here:text_tag("status", "here and there"));
    end
    return number and true;
end, 1000);
"""


def main() -> None:
    print(
        f"roster: Python {platform.python_version()}, 120x40, {CONTACTS} contacts, {ONLINE} of "
        f"them online, {RUNS} runs"
    )
    server = PrivateProsody({"alice": "wonder"}, modules=(*MODULES, "crowd"))
    try:
        contacts = [
            (f"c{number}@localhost", f"Contact {number:05}", f"Group {number % 10}")
            for number in range(CONTACTS)
        ]
        server.store("roster", "alice", stored_roster(contacts))
        crowd(server, ONLINE)
        server.start()
        for is_first in (True, False):
            _tell(server, is_first=is_first)
    finally:
        server.close()


def crowd(server: PrivateProsody, online: int) -> None:
    """Give `server` its module `crowd`: so many of the contacts are there for who asks."""
    folder = server.folder / "modules"
    folder.mkdir()
    (folder / "mod_crowd.lua").write_text(_CROWD % online)


def _tell(server: PrivateProsody, *, is_first: bool) -> None:
    times, keys, used, memory = [], [], [], []
    with tempfile.TemporaryDirectory() as home:
        for number in range(RUNS + (not is_first)):
            folder = Path(home) / str(number if is_first else 0)
            folder.mkdir(exist_ok=True)
            seconds, typed, cpu, resident = _log_in(server, folder)
            if is_first or number:
                times.append(seconds)
                keys += typed
                used.append(cpu)
                memory.append(resident)
    print(
        f"  {'first time' if is_first else 'again'}: usable after "
        f"{statistics.median(times):.2f} s ({min(times):.2f}-{max(times):.2f}), "
        f"{statistics.median(used):.2f} s of CPU, {statistics.median(memory):.0f} MB resident; "
        f"keys p50={percentile(keys, 50):.1f} p99={percentile(keys, 99):.1f} max={max(keys):.1f} ms"
    )


def _log_in(server: PrivateProsody, home: Path) -> tuple[float, list[float], float, float]:
    """Seconds until it is usable, milliseconds for each key behind that, CPU and memory."""
    command = [
        *(sys.executable, "-m", "termxmpp", "alice@localhost", "--ca-file", str(server.ca_file)),
        *("--server", f"127.0.0.1:{server.port}"),
    ]
    begin = time.perf_counter()
    with Terminal(command, environment(home), columns=120, rows=40) as terminal:
        terminal.wait_for("alice@localhost: online")
        terminal.wait_for("● Contact 00340")
        typist = Typist(terminal.fd)
        typist.types()
        seconds = time.perf_counter() - begin
        for _ in range(KEYS):
            typist.types()
        return (
            seconds,
            typist.times,
            processor_ms(terminal.pid) / 1000,
            resident_mb(terminal.pid),
        )
