"""A monkey at the keys, and a crowd that sends whatever comes to its mind.

It knows no better: a key, a paste, a command with any words, another size of the terminal, and
between them stanzas of contacts, rooms and strangers, a link that breaks and comes back. What it
has done stands in `deeds`, which are the same for the same seed.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from xml.sax.saxutils import escape, quoteattr

from tests.support.drawn import Drawn
from tests.support.harness import Actor
from tests.support.rooms import CLUB, here, said, subject

__all__ = ["Monkey"]

# Not among them: Ctrl-Z, which would stop the tests, and Ctrl-D, which ends the program.
KEYS = [
    *"abeghknorsxyzQ 0159:/@+-#*`~_>|\\\"'",
    *("\r", "\n", "\t", "\x7f", "\x1b", "\x03", "\x15", "\x17", "\x01", "\x05", "\x0b", "\x12"),
    *("\x0e", "\x10", "\x0c", "\x06", "\x02", "\x18"),
    *("\x1b[A", "\x1b[B", "\x1b[C", "\x1b[D", "\x1b[H", "\x1b[F", "\x1b[5~", "\x1b[6~", "\x1b[Z"),
    *("\x1b[1;3A", "\x1b[1;3B", "\x1b\r", "\x1ba", "\x1b1", "\x1b2", "\x1b9", "\x1b0"),
    *("\x1bOP", "\x1b[20~", "\x1b[I", "\x1b[O", "\x1b[3~"),
    *("\x1b[<64;40;5M", "\x1b[<65;40;5M", "\x1b[<0;5;2M", "\x1b[<0;5;2m", "\x1b[<0;50;9m"),
]

TEXTS = [
    *("hello", "", " ", "x" * 300, "word " * 60, "a\nb\nc", "\n\n\n", "tab\there", "/me waves"),
    *("喜んで、七時半に", "👨‍👩‍👧‍👦 🏴󠁧󠁢󠁥󠁮󠁧󠁿 🇳🇴 ☂️ 1️⃣", "e\u0301\u0301 Z͑ͫ̓ͪ̂ͫ̽͏̴̙", "مرحبا 123 שלום", "ก็ที่สุด नमस्ते"),
    *("\x1b[2J\x07\x9b31m", "\u202eevil", "*bold* _it_ ~no~ `code`", "> quoted\nanswer"),
    *("```\ndef f():\n\treturn 1\n```", "https://example.org/a_(b)?c=d#e, xmpp:bob@example.org"),
    *("> " * 200 + "deep", "*" * 500, "//not a command", "\ufeff\u200b\u200d", "\ud7ff"),
]

SIZES = [(80, 24), (40, 12), (200, 60), (300, 100), (70, 24), (69, 10), (20, 5), (10, 3), (1, 1)]

CONTACTS = ["bob@example.org", "carol@example.org", "stranger@else.example", "x@y"]
NICKS = ["bob", "mei 小梅", "👾", "a" * 80, "alice"]

# These would end the run, wait for somebody, or reach beyond it.
UNTRIED = {"quit", "open", "account add", "doctor", "xml send", "save", "send", "export"}


class Monkey:
    """At `actor`'s screen `drawn`; everything comes from `seed`."""

    def __init__(self, actor: Actor, drawn: Drawn, seed: int) -> None:
        self.deeds: list[str] = []
        self._actor = actor
        self._drawn = drawn
        self._chance = random.Random(seed)
        self._ids: list[str] = []
        self._count = 0
        self._ways: dict[Callable[[], None], int] = {
            self._presses: 50,
            self._pastes: 4,
            self._commands: 10,
            self._resizes: 4,
            self._is_written_to: 25,
            self._is_acted_on: 10,
            self._sees_somebody: 8,
            self._is_in_a_room: 10,
            self._is_confirmed: 5,
            self._loses_the_link: 1,
        }

    def acts(self) -> None:
        """Do one thing or another."""
        [way] = self._chance.choices(list(self._ways), weights=list(self._ways.values()))
        way()

    def _notes(self, deed: str, what: object) -> None:
        self.deeds.append(f"{deed} {what!r}")

    # The monkey.

    def _presses(self) -> None:
        keys = "".join(self._chance.choices(KEYS, k=self._chance.randint(1, 4)))
        self._notes("presses", keys)
        self._drawn.types(keys)

    def _pastes(self) -> None:
        text = self._chance.choice(TEXTS) * self._chance.choice([1, 1, 1, 30])
        self._notes("pastes", text)
        clean = text.replace("\x1b", "␛").encode("utf-8", "replace").decode()
        self._drawn.types(f"\x1b[200~{clean[:2000]}\x1b[201~")

    def _commands(self) -> None:
        names = [each.name for each in self._actor.workspace.registry.commands]
        name = self._chance.choice([each for each in names if each not in UNTRIED])
        words = [*CONTACTS, *NICKS, *TEXTS, str(CLUB), "1", "-1", "on", "off", "ui.theme", "ascii"]
        line = " ".join([f"/{name}", *self._chance.choices(words, k=self._chance.randint(0, 3))])
        self._notes("enters", line)
        self._actor.types(line)

    def _resizes(self) -> None:
        columns, rows = self._chance.choice(SIZES)
        self._notes("resizes", (columns, rows))
        self._drawn.resizes(columns, rows)

    # The others.

    def _is_written_to(self) -> None:
        sender = f"{self._chance.choice(CONTACTS)}/{self._chance.choice(['desk', 'phone'])}"
        self._receives(
            f"<message type='chat' from='{sender}' id='{self._new_id()}'>"
            f"<body>{self._text()}</body></message>"
        )

    def _is_acted_on(self) -> None:
        """Edits, reactions, replies, retractions, markers, states: of what there is and is not."""
        target = quoteattr(self._chance.choice([*self._ids[-20:], "nothing", "id1", "id2"]))
        sender = self._chance.choice(CONTACTS)
        acts = [
            f"<replace xmlns='urn:xmpp:message-correct:0' id={target}/><body>{self._text()}</body>",
            f"<reactions xmlns='urn:xmpp:reactions:0' id={target}><reaction>👍</reaction>"
            f"<reaction>{self._text()[:20]}</reaction></reactions>",
            f"<reply xmlns='urn:xmpp:reply:0' id={target} to='{sender}'/>"
            "<fallback xmlns='urn:xmpp:fallback:0' for='urn:xmpp:reply:0'>"
            f"<body start='0' end='{self._chance.choice([0, 3, 10**9, -1])}'/></fallback>"
            f"<body>&gt; old\n{self._text()}</body>",
            f"<retract xmlns='urn:xmpp:message-retract:1' id={target}/>",
            f"<displayed xmlns='urn:xmpp:chat-markers:0' id={target}/>",
            f"<received xmlns='urn:xmpp:receipts' id={target}/>",
            "<composing xmlns='http://jabber.org/protocol/chatstates'/>",
            "<paused xmlns='http://jabber.org/protocol/chatstates'/>",
            f"<spoiler xmlns='urn:xmpp:spoiler:0'>{self._text()}</spoiler><body>the end</body>",
        ]
        act = self._chance.choice(acts)
        self._receives(
            f"<message type='chat' from='{sender}/desk' id='{self._new_id()}'>{act}</message>"
        )

    def _sees_somebody(self) -> None:
        kind = self._chance.choice(["", "", " type='unavailable'", " type='subscribe'"])
        show = self._chance.choice(["", "<show>away</show>", "<show>dnd</show>"])
        sender = self._chance.choice(CONTACTS)
        self._receives(
            f"<presence from='{sender}/desk'{kind}>{show}<status>{self._text()}</status></presence>"
        )

    def _is_in_a_room(self) -> None:
        if CLUB not in self._actor.client.state.rooms:
            if self._actor.client.is_online:
                self._notes("is let into", str(CLUB))
                self._actor.types(f"/join {CLUB}")
                self._actor.receives(here("bob"), here("alice", 110), subject("nothing"))
            return
        nick = self._chance.choice(NICKS)
        self._receives(
            self._chance.choice([here(nick), said(nick, self._text(), id=self._new_id())])
        )

    def _is_confirmed(self) -> None:
        if self._actor.client.is_online:
            self._notes("is", "confirmed")
            self._actor.is_confirmed()

    def _loses_the_link(self) -> None:
        if self._actor.client.is_online:
            self._notes("loses", "the link")
            self._actor.loses_the_link()
            self._actor.goes_online()

    def _receives(self, stanza: str) -> None:
        if self._actor.client.is_online:
            self._notes("receives", stanza)
            self._actor.receives(stanza)

    def _text(self) -> str:
        text = self._chance.choice(TEXTS)
        # What no stanza can hold, its sender could not have sent.
        return escape("".join(char for char in text if char in "\n\t" or ord(char) >= 0x20))

    def _new_id(self) -> str:
        self._count += 1
        self._ids.append(f"m{self._count}")
        return self._ids[-1]
