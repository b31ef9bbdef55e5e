"""A day on which all happens that the screen has a look for; what peers write is ASCII."""

from __future__ import annotations

from tests.support.acts import BOBS, correction, message, reactions, reply, retraction
from tests.support.harness import BOB, Actor
from tests.support.rooms import CLUB, announces, enters, here, said, subject

__all__ = ["everything_happens"]

OTHERS = ("chat", "away", "xa", "dnd")

UNREAD = "It is three o'clock."


def everything_happens(alice: Actor) -> None:
    """In the window of Bob, which is looked at then, and in others, which are in the sidebar.

    What was said last is new to the reader.
    """
    _others_are_there(alice)
    alice.looks_at(BOB)
    _fates(alice)
    alice.waits(86_400)
    _styles(alice)
    _acts(alice)
    alice.is_confirmed()
    alice.types("/nonsense")
    alice.types("/me looks at the clock")
    alice.is_confirmed()
    alice.types("Not confirmed yet.")
    _elsewhere(alice)
    alice.looks_at(CLUB.with_resource("bob"))
    alice.waits(300)
    alice.receives(message(f"<body>{UNREAD}</body>", "new"))
    alice.looks_at(BOB)
    alice.receives(
        message("<composing xmlns='http://jabber.org/protocol/chatstates'/>", "typing"),
    )


def _others_are_there(alice: Actor) -> None:
    """A contact in each state, by its name, and Carol offline."""
    for name in OTHERS:
        alice.receives(
            f"<iq type='set' id='{name}'><query xmlns='jabber:iq:roster'>"
            f"<item jid='{name}@example.org' subscription='both'/></query></iq>",
            f"<presence from='{name}@example.org/x'><show>{name}</show></presence>",
        )
    alice.receives(f"<presence from='{BOBS}'><status>at home</status></presence>")


def _fates(alice: Actor) -> None:
    for text in ("read", "received", "acknowledged", "failed"):
        alice.types(f"This is {text}.")
    alice.is_confirmed()
    alice.receives(
        message("<received xmlns='urn:xmpp:receipts' id='id2'/>"),
        message("<displayed xmlns='urn:xmpp:chat-markers:0' id='id1'/>"),
        message(
            "<error type='cancel'><forbidden xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>",
            *("id4",),
            type="error",
        ),
    )


def _styles(alice: Actor) -> None:
    alice.receives(
        message("<subject>Tea</subject><body>*strong* _emphasis_ ~strike~ `mono`</body>", "s"),
        message("<body>&gt; quoted\n&gt; &gt; twice\nanswer</body>", "q"),
        message("<body>```python\nprint(1)\n```\nsee https://example.org/a</body>", "c"),
        message(
            "<body>the gardener</body><spoiler xmlns='urn:xmpp:spoiler:0'>the end</spoiler>", "h"
        ),
        message("<body>alice: look, and look at this very long line, which is wrapped</body>", "a"),
    )


def _acts(alice: Actor) -> None:
    alice.receives(
        message("<body>tee</body>", "t"),
        correction("t", "tea"),
        message("<body>gone</body>", "g"),
        retraction("g"),
        message(f"<body>{'much ' * 100}</body>", "long"),
        reply("long", "What was it?", id="q"),
        reply("s", "Yes, and this answers that.", id="r"),
        reactions("r", "y", "n"),
    )
    alice.types("/react 1 y")


def _elsewhere(alice: Actor) -> None:
    announces(alice)
    before = alice.workspace.current
    enters(alice, "bob", "dora", about="tea")
    alice.looks_at(BOB)
    assert alice.workspace.current == before
    alice.receives(said("dora", "hello", "1"), said("dora", "alice: hello?", "2"))
    alice.receives(here("eve"), subject("tea, and what goes with it, which is much and more"))
