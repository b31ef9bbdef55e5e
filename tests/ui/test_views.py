"""Every view at three sizes, as it was looked at and found good: `snapshots/`.

Each scene is played once; then the terminal is of another size, which has to look as good.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from xml.etree import ElementTree

import pytest

from termxmpp.core.events import NoticeGiven
from termxmpp.core.message import Notice
from termxmpp.doctor.findings import fine, note, wrong
from termxmpp.errors import ConnectionFailed, LoginRefused
from tests.support import acts
from tests.support.accounts import opens_account
from tests.support.drawn import Drawn
from tests.support.harness import BOB, CAROL, NOON, Actor
from tests.support.rooms import CLUB, announces, enters, here, said
from tests.support.snapshots import SIZES
from tests.ui.test_application import assert_looks_like

ALT_UP, CTRL_C = "\x1b[1;3A", "\x03"

TYPES = "<composing xmlns='http://jabber.org/protocol/chatstates'/>"


@dataclass(frozen=True)
class Scene:
    """What happens before the screen is drawn, which keys follow, and what is shown in the end."""

    name: str
    happens: Callable[[Actor], None]
    keys: tuple[tuple[str, str], ...] = ()
    """What is waited for, each with the keys behind it."""
    shows: str = ""


def says(alice: Actor, text: str, id: str = "x", *, peer: str = "bob", more: str = "") -> None:
    alice.receives(acts.message(f"<body>{text}</body>{more}", id, sender=f"{peer}@example.org/x"))


def nobody_looks(alice: Actor) -> None:
    alice.run_now(alice.workspace.set_watched, False)


def much_is_said(alice: Actor) -> None:
    """All that a conversation can hold."""
    alice.receives(
        "<presence from='bob@example.org/x'><status>in the garden</status></presence>",
        "<presence from='carol@example.org/x'><show>dnd</show></presence>",
    )
    alice.looks_at(BOB)
    says(alice, "Good evening!", "b1")
    alice.types("Good evening, Bob.")
    alice.is_confirmed()
    alice.waits(86400)
    says(alice, "Will you come to the harbour tonight? There is a boat with lanterns on it.", "b2")
    alice.waits(20)
    says(alice, "And bring Carol.", "b3")
    alice.waits(300)
    alice.types("Gladly. Is it the one whose captain sings?")
    alice.is_confirmed()
    alice.receives(acts.reply("b2", "At eight, at the *second* pier.", id="b4"))
    alice.receives(acts.reactions(acts.shown(alice)[-2].id, "👍", "🎉", id="r1"))
    alice.types("/react 1 ❤️")
    alice.is_confirmed()
    alice.receives(acts.correction("b3", "And bring Carol and Dave.", id="b5"))
    alice.waits(120)
    alice.types("/me looks for her _good_ shoes")
    alice.is_confirmed()
    says(alice, "/me ties the boat up", "b6")
    says(alice, "She dies.", "b7", more="<spoiler xmlns='urn:xmpp:spoiler:0'>the film</spoiler>")
    alice.waits(900)
    says(alice, "The way: https://maps.example.org/?q=second+pier&amp;zoom=17#lanterns", "b8")
    says(alice, "&gt; Is it far?\nNo: `ten` minutes, ~twenty~\n```\nleft\n  right\n```", "b9")
    says(alice, "I say too much", "b10")
    alice.receives(acts.retraction("b10", id="b11"))
    alice.types("Thank you!")
    alice.is_confirmed()
    alice.is_confirmed()
    nobody_looks(alice)
    says(alice, "Alice, are you there?", "b12")
    alice.receives(acts.message(TYPES, "t1"))


def every_fate_is_met(alice: Actor) -> None:
    """Offline in the end, with something that waits."""
    alice.looks_at(BOB)
    for fate in ("was read", "was received", "can't arrive", "is with the server"):
        alice.types(f"This {fate}.")
        alice.is_confirmed()
        alice.is_confirmed()
        alice.waits(20)
    ids = [each.id for each in acts.shown(alice)]
    marker = f"<displayed xmlns='urn:xmpp:chat-markers:0' id='{ids[0]}'/>"
    receipt = f"<received xmlns='urn:xmpp:receipts' id='{ids[1]}'/>"
    alice.receives(
        acts.message(marker, "m1"),
        acts.message(receipt, "m2"),
        f"<message from='bob@example.org/x' type='error' id='{ids[2]}'><body>x</body><error "
        "type='cancel'><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>"
        "</message>",
    )
    alice.types("This is under way.")
    alice.types("/disconnect")
    alice.types("This waits.")


def text_is_difficult(alice: Actor) -> None:
    """Wide, combining, emoji, right to left: what stands beside it stays where it is."""
    alice.looks_at(BOB)
    alice.receives(
        "<iq type='set' id='p'><query xmlns='jabber:iq:roster'>"
        "<item jid='mei@example.org' name='小梅 🍵'><group>家族</group></item>"
        "<item jid='dina@example.org' name='دينا'><group>家族</group></item></query></iq>"
    )
    for number, text in enumerate(
        [
            "寿司と味噌汁、それからお茶。デザートは抹茶アイスがおすすめです。",
            "Family 👨‍👩‍👧‍👦, flag 🇳🇴, astronaut 👩🏽‍🚀, heart ❤️, keycap 1️⃣, thumb 👍🏽",
            "مرحبا بالعالم، كيف حالك؟ ١٢٣ and English again",
            "שלום 123, עולם",
            "नमस्ते क्षत्रिय · ภาษาไทย · tiếng Việt · e\u0301a\u0308o\u0302",
            "a\tb\tc\nname\tvalue\ninvisible \u202e\u200b and \x85 told",
            "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft",
        ]
    ):
        says(alice, text, f"w{number}")
    alice.types("我也要 🍣 – до встречи!")
    alice.is_confirmed()


def a_room_is_full(alice: Actor) -> None:
    """People who come and go, somebody who wants her in particular, and moderators."""
    announces(alice)
    enters(alice, "bob", "carol", "小梅", about="tea, and what goes with it")
    alice.receives(here("dora", role="moderator"))
    alice.receives(
        said("bob", "Is there any tea left?", "1"),
        said("小梅", "在厨房里 🍵", "2"),
        said("a-very-long-nick-indeed", "I have some, too. Who wants it?", "3"),
    )
    alice.types("I do!")
    alice.receives(said("alice", "I do!", "id1"))
    alice.waits(60)
    alice.types("/me puts the kettle on")
    nobody_looks(alice)
    alice.receives(
        said("bob", "alice, can you bring the cups as well? The blue ones, please.", "4"),
        said("bob", "/me waves", "5"),
    )
    reaction = acts.reactions("1", "👍", id="6", sender=f"{CLUB}/carol", type="groupchat")
    alice.receives(reaction)
    says(alice, "psst", "p")


def three_accounts_are_open(alice: Actor) -> None:
    """One is online, one will be again, and one is not let in."""
    gone = ConnectionFailed("work.example:5222 does not answer.")
    refused = LoginRefused("The server refused the log-in: wrong user name or password.", "x")
    opens_account(alice, "alice@work.example", gone, "boss@work.example", "erin@work.example")
    opens_account(alice, "old@example.net", refused, "zoe@example.net")
    alice.looks_at(BOB)
    says(alice, "Which of you is online?", "b1")
    alice.types("Only this one.")
    alice.is_confirmed()


def nothing_happens(alice: Actor) -> None:
    """The beginning."""


def nobody_is_known(alice: Actor) -> None:
    for number, jid in enumerate((BOB, CAROL)):
        alice.receives(
            f"<iq type='set' id='p{number}'><query xmlns='jabber:iq:roster'>"
            f"<item jid='{jid}' subscription='remove'/></query></iq>"
        )


def bob_is_looked_at(alice: Actor) -> None:
    alice.looks_at(BOB)


def a_room_is_entered(alice: Actor) -> None:
    announces(alice)
    enters(alice, "bob", about="tea, and what goes with it")


def the_doctor_finds(alice: Actor) -> None:
    """What a bad day would look like."""
    for finding in (
        fine("The DNS lists at _xmpp-client._tcp.example.org: xmpp.example.org:5222."),
        fine("xmpp.example.org has the addresses 192.0.2.7 and 2001:db8::7."),
        note("The connection to 2001:db8::7 fails: no route.", "IPv6 may not work here."),
        wrong(
            "The certificate has expired 3 days ago.",
            "Its owner has to renew it; nothing can be done about it here.",
        ),
    ):
        alice.run_now(alice.client.emit, NoticeGiven(Notice(finding.text, NOON, mark=finding.mark)))


def settings_are_listed(alice: Actor) -> None:
    """A table as `/set` tells it, of which more rows come with each version."""
    table = """[ui]
theme    dark   dark, light, contrast, ascii, or the path of a file of yours
editing  emacs  the keys of the input line
mouse    on     clicks and the wheel are for termxmpp, not for the terminal
[network]
ping_interval  300  seconds of silence before a server is asked if it is there; 0: never
[account."alice@example.org"]
auto              off  connect this account when termxmpp is called without an address
pin               ""   sha256:HEX of the server's certificate: trust it and nothing else
password_command  ""   the first line that this shell command prints is the password
typing            on   let contacts know that you are writing to them (XEP-0085)"""
    alice.run_now(alice.client.emit, NoticeGiven(Notice(table, NOON)))


def stanzas_are_shown(alice: Actor) -> None:
    alice.types("/xml on")
    for xml, is_ours in (
        ("<iq type='get' id='id9' to='bob@example.org/x'><ping xmlns='urn:xmpp:ping'/></iq>", True),
        (
            "<iq type='result' id='id9' from='bob@example.org/x' to='alice@example.org/here'/>",
            False,
        ),
        (
            "<message from='bob@example.org/x' type='chat' id='b1'><body>Good evening, and "
            "well met!</body><request xmlns='urn:xmpp:receipts'/></message>",
            False,
        ),
    ):
        stanza = ElementTree.fromstring(f"<x xmlns='jabber:client'>{xml}</x>")[0]
        alice.run_now(alice.client.link.traffic, stanza, is_ours)


PASTE = "\x1b[200~" + "\n".join(f"line {number}" for number in range(40)) + "\x1b[201~"

SCENES = [
    Scene("everything", much_is_said, shows="is typing"),
    Scene("spoiler", much_is_said, (("is typing", ALT_UP * 6 + "o"),), "She dies."),
    Scene("fates", every_fate_is_met, shows="This waits."),
    Scene("difficult", text_is_difficult, shows="我也要"),
    Scene("room-full", a_room_is_full, shows="waves"),
    Scene("accounts", three_accounts_are_open, shows="Only this one"),
    Scene("nobody", nobody_is_known, shows="online"),
    Scene("beginning", nothing_happens, shows="online"),
    Scene("conversation-empty", bob_is_looked_at, shows="offline"),
    Scene("room-empty", a_room_is_entered, shows="club"),
    Scene("settings", settings_are_listed, shows="(XEP-0085)"),
    Scene("doctor", the_doctor_finds, shows="renew"),
    Scene("xml", stanzas_are_shown, shows="</message>"),
    Scene("question", bob_is_looked_at, (("online", CTRL_C + CTRL_C),), "Quit termxmpp?"),
    Scene(
        "secret",
        nothing_happens,
        (("online", "/account add dave@example.org\r"), ("Password", "wonder")),
        "******",
    ),
    Scene("paste", bob_is_looked_at, (("online", PASTE),), "Paste 40 lines"),
]


@pytest.mark.parametrize(("columns", "rows"), SIZES)
@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
def test_a_view(alice: Actor, scene: Scene, columns: int, rows: int) -> None:
    scene.happens(alice)
    with closing(Drawn(alice, columns, rows)) as drawn:
        for before, keys in scene.keys:
            drawn.shows(before)
            drawn.types(keys)
        drawn.shows(scene.shows)
        drawn.settles()
        assert_looks_like(drawn, f"{scene.name}-{columns}x{rows}")
