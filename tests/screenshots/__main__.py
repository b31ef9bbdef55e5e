"""Plays the scenes and takes their pictures: `python -m tests.screenshots`.

Everybody in them is the program itself, each in a terminal of its own, at a private server:
what a picture shows has happened so. Names and words are always the same; the date and the
time of day are those of the day.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from termxmpp.demo.server import PrivateProsody
from termxmpp.errors import TermxmppError
from tests.screenshots.picture import FontMissing, Fonts, draw, replay, save
from tests.support.rosters import stored_roster
from tests.support.terminal import Terminal, environment

FOLDER = Path(__file__).parents[2] / "screenshots"

DOMAIN = "example.org"
ALICE = f"alice@{DOMAIN}"
BOB = f"bob@{DOMAIN}"
PASSWORD = "wonder"

# A server that keeps no messages for those who are away, so that one comes back. Prosody takes
# the last word on an option.
KEEPS_NOTHING = 'modules_disabled = { "s2s"; "offline"; }'

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

# What the sidebar says once everybody is there.
SIGNS = ("● Bob", "◐ Carol", "● 林小梅", "● Mum", "◑ Zoë", "⊘ Dana", "● Build server")


class Stage:
    """A private server, and whoever has come to it."""

    def __init__(self, server: PrivateProsody, folder: Path, stack: ExitStack) -> None:
        self._server = server
        self._folder = folder
        self._stack = stack

    def enter(
        self, name: str, columns: int = 80, rows: int = 24, password: str = PASSWORD
    ) -> Terminal:
        """`name` starts termxmpp."""
        home = self._folder / name
        home.mkdir(exist_ok=True)
        place = f"{self._server.host}:{self._server.port}"
        options = ["--server", place, "--ca-file", str(self._server.ca_file)]
        command = [sys.executable, "-m", "termxmpp", f"{name}@{DOMAIN}", *options]
        surroundings = {**environment(home, password), "TZ": "UTC"}
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
        dict.fromkeys(["alice", *PEOPLE], PASSWORD), domain=DOMAIN, extra=KEEPS_NOTHING
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
    terminal.wait_for(f"{end} ✓")
    if heard_by is not None:
        heard_by.wait_for(end)


def conversation(stage: Stage) -> dict[str, bytes]:
    """`conversation`: alice and Bob, and who else wants something; `narrow`: Mei's side of it."""
    others = {
        name: stage.meet(name)
        for name, person in PEOPLE.items()
        if person.says is not None and name != "mei"
    }
    bob = others["bob"]
    mei = stage.meet("mei", columns=60, rows=20)
    alice = stage.meet("alice", columns=100, rows=30)
    for sign in SIGNS:
        alice.wait_for(sign)

    alice.type(f"/msg {BOB}\r")
    alice.wait_for(f"Bob  {BOB}  online")
    bob.type(f"/msg {ALICE}\r")
    bob.wait_for(f"{ALICE}  online")
    says(bob, "Morning, Alice! Have you seen the release? 🎉", alice)
    says(alice, "I have. It idles without one single wake-up, my battery says thanks 🔋", bob)
    says(bob, "/me bows and hands the flowers on to epoll(7)", alice)
    says(alice, "And the old bot?", bob)
    says(
        bob,
        CTRL_J.join(["Runs as it did in 2017, but for one line:", f"    {IMPORT}"]),
        alice,
    )
    _dinner(alice, mei, bob)
    alice.type("/win 2\r")
    alice.wait_for(f"Bob  {BOB}  online")
    says(alice, "喜んで! We are four with Zoë, who flies in from Tromsø 🍣✨", bob)
    says(bob, "Tunnel ahead, back in a minute.", alice)
    bob.type("/quit\r")
    bob.wait_for_exit()
    alice.wait_for(f"Bob  {BOB}  offline")
    alice.type("Take the window table, please\r")
    alice.wait_for("please ✗")
    bob = stage.meet("bob")
    alice.wait_for(f"Bob  {BOB}  online")
    bob.type(f"/msg {ALICE}\r")
    bob.wait_for(f"{ALICE}  online")
    says(bob, "Daylight again. Did I miss anything?", alice)
    says(alice, "Only the window table, please 🙂", bob)
    says(
        bob,
        CTRL_J.join(["Booked:", "  19:30  four seats, at the window", "  Café Umi · 海"]),
        alice,
    )

    for name, texts in {
        "carol": ("The tomatoes are ripe! 🍅", "Shall I keep you some?"),
        "build": ("main: 1204 tests passed",),
    }.items():
        others[name].type(f"/msg {ALICE}\r")
        others[name].wait_for(f"{ALICE}  online")
        for text in texts:
            says(others[name], text)
    alice.wait_for("3 unread")
    alice.type("Perfect. See you at")
    alice.wait_for("> Perfect. See you at")
    return {"conversation": alice.output, "narrow": mei.output}


def _dinner(alice: Terminal, mei: Terminal, bob: Terminal) -> None:
    """alice asks Mei, who looks up from something else; meanwhile Bob goes on."""
    alice.type(f"/msg mei@{DOMAIN}\r")
    alice.wait_for(f"mei@{DOMAIN}  chat")
    says(alice, "Hi 小梅! What is the plan for tonight?")
    says(alice, "The place by the harbour, where the cat sits in the window?")
    mei.wait_for("2 unread")
    mei.type(ALT_A)
    mei.wait_for("harbour")
    says(mei, "That one 🐈 海 means sea, you can't miss the sign.", alice)
    says(mei, "寿司と味噌汁、それからお茶。デザートは抹茶アイスがおすすめです。", alice)
    says(bob, "小梅 asks who is in for 寿司 tonight, 七時半?")
    says(bob, "Carol can't, the tomatoes want picking.")
    alice.wait_for("2 unread")
    says(alice, "You had me at matcha ice cream 🍵", mei)
    mei.type("/me ")
    mei.wait_for("> /me")


def refused(stage: Stage) -> dict[str, bytes]:
    """alice has mistyped her password."""
    alice = stage.enter("alice", columns=100, rows=10, password="wrong")
    alice.wait_for("refused")
    return {"refused": alice.output}


SIZES = {"conversation": (100, 30), "narrow": (60, 20), "refused": (100, 10)}


def main() -> int:
    """Take all pictures."""
    try:
        fonts = Fonts.of_debian()
        for scene in (conversation, refused):
            with stage() as here:
                for name, output in scene(here).items():
                    path = FOLDER / f"{name}.png"
                    path.parent.mkdir(exist_ok=True)
                    save(draw(replay(output, *SIZES[name]), fonts), path)
                    print(f"{path.relative_to(FOLDER.parent)}: {path.stat().st_size} bytes")
    except (FontMissing, TermxmppError) as error:
        print(f"screenshots: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
