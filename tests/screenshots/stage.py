"""Where the scenes are played: a private server, and everybody at a terminal of its own.

Names and words are always the same; the date and the time of day are those of the day.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from termxmpp.demo.server import PrivateProsody
from tests.support.rosters import stored_roster
from tests.support.terminal import Terminal, environment

DOMAIN = "example.org"
ALICE = f"alice@{DOMAIN}"
BOB = f"bob@{DOMAIN}"
PASSWORD = "wonder"

# A server that keeps no messages for those who are away, so that one comes back. Prosody takes
# the last word on an option.
KEEPS_NOTHING = 'modules_disabled = { "s2s"; "offline"; }'

SURROUNDINGS = {"TZ": "UTC", "COLORTERM": "truecolor", "LC_ALL": "C.UTF-8"}

ALT_A = "\x1ba"
CTRL_J = "\n"

IMPORT = "from termxmpp.mainloop import EpollMainLoop"


@dataclass(frozen=True, slots=True)
class Person:
    """A contact of alice's, and the command by which it says how it is; None: not there."""

    title: str
    group: str
    says: str | None = None


PEOPLE = {
    "bob": Person("Bob", "Friends", "/online"),
    "carol": Person("Carol", "Friends", "/away in the garden"),
    "mei": Person("林小梅", "Friends", "/chatty"),
    "grandpa": Person("Grandpa", "Family"),
    "mum": Person("Mum", "Family", "/online"),
    "zoe": Person("Zoë", "Family", "/xa asleep, other side of the world"),
    "dana": Person("Dana", "Work", "/dnd in a meeting until noon"),
    "erik": Person("Erik", "Work"),
    "build": Person("Build server", "Work", "/online"),
}

ROOM = f"kitchen@rooms.{DOMAIN}"
# With an archive, since it names what can be reacted to.
HOSTS = f"""\
Component "rooms.{DOMAIN}" "muc"
    modules_enabled = {{ "muc_mam" }}
"""

# What the sidebar says once everybody is there.
SIGNS = ("● Bob", "◐ Carol", "● 林小梅", "● Mum", "◑ Zoë", "⊘ Dana", "● Build server")


class Stage:
    """A private server, and whoever has come to it."""

    def __init__(self, server: PrivateProsody, folder: Path, stack: ExitStack) -> None:
        self._server = server
        self._folder = folder
        self._stack = stack

    def enter(
        self,
        name: str,
        columns: int = 80,
        rows: int = 24,
        *,
        password: str = PASSWORD,
        **more: str,
    ) -> Terminal:
        """`name` starts termxmpp, with `more` in the environment."""
        return self._start(name, [f"{name}@{DOMAIN}"], columns, rows, password, more)

    def begin(self, name: str, columns: int, rows: int) -> Terminal:
        """`name` has just installed termxmpp, and starts it without more."""
        return self._start(name, [], columns, rows, "", {})

    def _start(
        self,
        name: str,
        words: Sequence[str],
        columns: int,
        rows: int,
        password: str,
        more: Mapping[str, str],
    ) -> Terminal:
        home = self._folder / name
        home.mkdir(exist_ok=True)
        place = f"{self._server.host}:{self._server.port}"
        options = ["--server", place, "--ca-file", str(self._server.ca_file)]
        command = [sys.executable, "-m", "termxmpp", *words, *options]
        surroundings = {**environment(home, password), **SURROUNDINGS, **more}
        if not password:
            del surroundings["TERMXMPP_PASSWORD"]
        return self._stack.enter_context(
            Terminal(command, surroundings, columns=columns, rows=rows)
        )

    def meet(self, name: str, columns: int = 80, rows: int = 24) -> Terminal:
        """`name` is there, and says how it is."""
        terminal = self.enter(name, columns, rows)
        terminal.wait_for(f"{name}@{DOMAIN}: online")
        says = PEOPLE[name].says if name in PEOPLE else None
        if says:
            terminal.type(f"{says}\r")
            terminal.wait_for("Others see you as")
        return terminal


@contextmanager
def stage() -> Iterator[Stage]:
    """Everybody has an account, and alice all of them in her roster."""
    server = PrivateProsody(
        dict.fromkeys(["alice", *PEOPLE], PASSWORD),
        domain=DOMAIN,
        extra=KEEPS_NOTHING,
        hosts=HOSTS,
    )
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        stack.callback(server.close)
        server.store("roster", "alice", _roster(PEOPLE))
        for name in PEOPLE:
            server.store("roster", name, _roster({"alice": Person("Alice", "Friends")}))
        server.start()
        yield Stage(server, Path(folder), stack)


def _roster(people: dict[str, Person]) -> str:
    """A roster of `people`, as the server keeps it."""
    return stored_roster(
        (f"{name}@{DOMAIN}", person.title, person.group) for name, person in people.items()
    )


def says(terminal: Terminal, text: str, heard_by: Terminal | None = None) -> None:
    """Type `text` into the open conversation, until the server has it and the other shows it."""
    terminal.type(f"{text}\r")
    # What the line breaks can not part: no more than the end of the last word.
    end = text.split()[-1][-6:]
    terminal.wait_until(
        lambda: any(f"{end} {mark}" in terminal.text for mark in "✓●"), f"{end} to be taken"
    )
    if heard_by is not None:
        heard_by.wait_for(end)
