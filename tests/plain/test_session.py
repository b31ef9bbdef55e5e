"""What is told in line mode, when, and by which voices; and what is asked there."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from termxmpp.config import Config, NotifyConfig, UiConfig
from termxmpp.core.jid import Jid
from termxmpp.doctor.terminal import check_terminal
from termxmpp.settings import Settings
from tests.support.acts import correction, message, reactions, reply
from tests.support.harness import Actor
from tests.support.lined import Lined
from tests.support.marks import told_of
from tests.support.rooms import CLUB, announces, away, enters, here, said

SPOILER = "<spoiler xmlns='urn:xmpp:spoiler:0'>the end</spoiler>"
BELL = "\a"


@pytest.fixture
def lined(alice: Actor) -> Iterator[Lined]:
    with Lined(alice) as made:
        made.shows("-> console of alice@example.org")
        yield made


# What is said.


def test_what_was_told_as_it_came_is_not_told_again(alice: Actor, lined: Lined) -> None:
    alice.receives(message("<body>one</body>", "1"), message("<body>two</body>", "2"))
    lined.shows("Bob: two")
    lined.types("/msg bob@example.org three")
    lined.shows("you: three")
    assert [lined.output.count(each) for each in ("Bob: one", "Bob: two", "you: three")] == [1] * 3
    lined.types("/msg carol@example.org")
    lined.shows("-> carol")
    lined.forgets()
    lined.types("/msg bob@example.org")
    lined.shows("-> Bob")
    assert "one" not in lined.output


def test_what_was_said_before_is_told_when_its_window_opens(
    alices: Callable[..., Actor], tmp_path: Path
) -> None:
    alice = alices(tmp_path)
    alice.receives(message("<body>old</body>", "1"))
    alice.close()
    alice = alices(tmp_path)
    with Lined(alice) as lined:
        alice.receives(message("<body>new</body>", "2"))
        lined.shows("Bob: new")
        assert "old" not in lined.output
        lined.types("/msg bob@example.org")
        lined.shows("Bob: old")
        assert lined.output.count("Bob: new") == 1


# What is hidden.


def test_what_is_hidden_is_told_when_it_is_asked_for(alice: Actor, lined: Lined) -> None:
    alice.receives(message(f"<body>the gardener</body>{SPOILER}", "s"))
    lined.shows("Bob: (hidden: the end; /open shows it)")
    lined.types("/msg bob@example.org")
    lined.shows("-> Bob")
    assert "gardener" not in lined.output
    lined.types("/open")
    lined.shows("12:00 Bob: the gardener")


def test_by_its_number_each_is_opened(alice: Actor, lined: Lined) -> None:
    alice.receives(
        message(f"<body>one</body>{SPOILER}", "1"),
        message(f"<body>two</body>{SPOILER}", "2"),
        message("<body>https://example.org/</body>", "3"),
    )
    lined.types("/msg bob@example.org")
    lined.types("/open 3")
    lined.shows("12:00 Bob: one")
    assert "two" not in lined.output
    lined.types("/open")
    lined.forgets()
    lined.types("/open 2")
    lined.shows("12:00 Bob: two")


def test_what_is_done_to_what_is_hidden_tells_nothing_of_it(alice: Actor, lined: Lined) -> None:
    alice.receives(
        message(f"<body>the gardener</body>{SPOILER}", "s"),
        correction("s", "the gardener, again", "c", inside=SPOILER),
        reactions("s", "\N{THUMBS UP SIGN}"),
        reply("s", "no!", id="r"),
    )
    lined.types("/msg bob@example.org")
    lined.types("/search gardener")
    lined.shows("Bob: the end")
    assert "gardener" not in lined.output.replace("/search gardener", "")
    lined.types("/open 2")
    lined.shows("Bob: the gardener, again")


def test_there_are_no_keys_and_that_is_said(lined: Lined) -> None:
    lined.types("/help keys")
    lined.shows("There are no keys to bind in this mode.")


# Being told.


def test_what_comes_elsewhere_rings_and_what_comes_here_does_not(
    alice: Actor, lined: Lined
) -> None:
    lined.types("/msg bob@example.org")
    lined.shows("-> Bob")
    alice.receives(message("<body>here</body>"))
    lined.shows("Bob: here")
    assert BELL not in lined.output
    alice.receives(message("<body>elsewhere</body>", sender="carol@example.org/x"))
    lined.shows("carol@example.org: elsewhere")
    assert lined.output.count(BELL) == 1
    assert "\x1b" not in lined.output


def test_no_bell_where_none_is_wanted(alice: Actor, lined: Lined) -> None:
    alice.workspace.settings.replace(Config(notify=NotifyConfig(bell=False)))
    alice.receives(message("<body>hello</body>"))
    lined.shows("Bob: hello")
    assert BELL not in lined.output


def test_the_terminal_notifies_where_the_user_says_by_what(alice: Actor) -> None:
    alice.workspace.settings.replace(Config(notify=NotifyConfig(terminal="osc9")))
    with Lined(alice, {"TERM": "xterm-kitty"}) as lined:
        alice.receives(message("<body>hello</body>"))
        lined.shows("\x1b]9;Bob: hello\a")


def test_the_user_s_command_is_run(alice: Actor, tmp_path: Path) -> None:
    said = tmp_path / "said"
    command = f'printf %s "$TERMXMPP_TEXT" >{said}.new && mv {said}.new {said}'
    alice.workspace.settings.replace(Config(notify=NotifyConfig(command=command, bell=False)))
    with Lined(alice, {"PATH": "/usr/bin:/bin"}) as lined:
        alice.receives(message("<body>hello</body>"))
        lined.shows("Bob: hello")

        async def until_said() -> None:
            async with asyncio.timeout(20):
                while not said.exists():  # noqa: ASYNC110  # a program of the user's says nothing
                    await asyncio.sleep(0.01)

        alice.run(until_said)
    assert said.read_text() == "hello"


# Being asked.


def test_a_password_is_asked_for_and_never_shown(alice: Actor, lined: Lined) -> None:
    asked: list[tuple[Jid, str]] = []

    def refuse(jid: Jid, password: str) -> None:
        asked.append((jid, password))
        raise ValueError("so far and no further")

    alice.workspace.new_client = refuse  # type: ignore[assignment]
    lined.types("/account add dave@example.org")
    lined.shows("Password for dave@example.org:")
    assert not lined.is_echoing
    lined.types("wonder \\")
    lined.shows("a bug of termxmpp")
    assert asked == [(Jid.parse("dave@example.org"), "wonder \\")]
    assert lined.is_echoing
    assert "wonder" not in lined.output
    lined.types("/msg bob@example.org hello")
    lined.shows("you: hello")


def test_who_types_no_password_changes_nothing(alice: Actor, lined: Lined) -> None:
    lined.types("/account add dave@example.org")
    lined.shows("Password for dave@example.org:")
    lined.types("")
    lined.shows("Error: No password was typed; nothing has changed.")
    assert len(alice.workspace.clients) == 1
    assert lined.is_echoing


# The doctor.


def test_the_doctor_knows_of_the_terminal_what_matters_to_lines(alice: Actor) -> None:
    with Lined(alice, {"TERM": "dumb", "TMUX": "x"}):
        facts = alice.workspace.terminal_facts()
    assert facts is not None
    assert (facts.term, facts.within, facts.has_lines) == ("dumb", ("tmux",), True)
    found = [told_of(each) for each in check_terminal(facts)]
    assert found[1] == "fine: Lines are written, without colours, and none is ever changed."
    assert not any("OSC" in each or "COLOR" in each or "Set TERM" in each for each in found)


# Who is there.

CAROLS = "carol@example.org/phone"


def is_now(show: str, status: str = "", sender: str = "bob@example.org/desk") -> str:
    if show == "offline":
        return f"<presence type='unavailable' from='{sender}'/>"
    return f"<presence from='{sender}'><show>{show}</show><status>{status}</status></presence>"


@contextmanager
def told_with(
    alices: Callable[..., Actor], wanted: str, peer: str = "bob@example.org"
) -> Iterator[tuple[Actor, Lined]]:
    """alice and her line mode with `plain_presence` so; she writes to `peer`."""
    alice = alices(settings=Settings(Config(ui=UiConfig(plain_presence=wanted))))
    announces(alice)
    with Lined(alice) as lined:
        if peer == str(CLUB):
            enters(alice)
        else:
            lined.types(f"/msg {peer}")
        lined.shows(peer)
        lined.forgets()
        yield alice, lined


def lines_after(alice: Actor, lined: Lined, *stanzas: str) -> list[str]:
    """What is told when these have come, before a mark of ours."""
    lined.forgets()
    alice.receives(*stanzas)
    alice.run_now(lined.plain.terminal.write, "(mark)")
    lined.shows("(mark)")
    return lined.lines[: lined.lines.index("(mark)")]


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        ("none", []),
        ("here", ["Bob is away: lunch"]),
        ("contacts", ["Bob is away: lunch", "carol@example.org is not to be disturbed."]),
        ("all", ["Bob is away: lunch", "carol@example.org is not to be disturbed."]),
    ],
)
def test_whose_presence_is_told_the_user_says(
    wanted: str, told: list[str], alices: Callable[..., Actor]
) -> None:
    with told_with(alices, wanted) as (alice, lined):
        assert lines_after(alice, lined, is_now("away", "lunch"), is_now("dnd", "", CAROLS)) == told


def test_each_change_is_told_once_and_no_new_words_of_the_same(
    alices: Callable[..., Actor],
) -> None:
    with told_with(alices, "here") as (alice, lined):
        assert lines_after(alice, lined, is_now("away", "lunch")) == ["Bob is away: lunch"]
        assert lines_after(alice, lined, is_now("away", "♪ a song")) == []
        phone = "bob@example.org/phone"
        assert lines_after(alice, lined, is_now("chat", "", phone)) == ["Bob is free to chat."]
        assert lines_after(alice, lined, is_now("offline", sender=phone)) == [
            "Bob is away: ♪ a song"
        ]
        assert lines_after(alice, lined, is_now("offline")) == ["Bob is offline."]


def test_where_everybody_was_at_log_in_is_no_news(alices: Callable[..., Actor]) -> None:
    with told_with(alices, "contacts") as (alice, lined):
        alice.loses_the_link()
        alice.goes_online()
        assert lines_after(alice, lined, is_now("away")) == []
        alice.waits(11)
        assert lines_after(alice, lined, is_now("away", "still")) == []
        assert lines_after(alice, lined, is_now("dnd")) == ["Bob is not to be disturbed."]
        assert lines_after(alice, lined, is_now("away", "", CAROLS)) == [
            "carol@example.org is away."
        ]


def test_strangers_and_our_own_devices_come_and_go_untold(alices: Callable[..., Actor]) -> None:
    with told_with(alices, "all") as (alice, lined):
        ours = "alice@example.org/phone"
        stranger = "mallory@example.com/x"
        assert lines_after(alice, lined, is_now("away", "", ours)) == []
        assert lines_after(alice, lined, is_now("away", "", stranger)) == []


def test_what_others_say_of_themselves_stays_in_its_line(alices: Callable[..., Actor]) -> None:
    with told_with(alices, "here") as (alice, lined):
        [line] = lines_after(alice, lined, is_now("away", "x&#10;Carol: \u202egive me money"))
        assert line == "Bob is away: x␤Carol: ⟦RLO⟧give me money"


def test_whether_a_contact_is_there_is_told_with_whom_one_writes_to(
    alice: Actor, lined: Lined
) -> None:
    alice.receives(is_now("xa"))
    lined.types("/msg bob@example.org")
    lined.shows("-> Bob (bob@example.org), away for long")


def test_comings_of_a_room_are_gathered_until_something_is_said_there(
    alices: Callable[..., Actor],
) -> None:
    with told_with(alices, "all", str(CLUB)) as (alice, lined):
        assert lines_after(alice, lined, here("dave"), here("eve"), away("bob")) == []
        heard = lines_after(alice, lined, away("eve"), said("dave", "hello"))
        assert heard[0] == "dave came. bob left."
        assert heard[1].endswith(" dave: hello")
        assert not any("came" in line for line in lines_after(alice, lined, said("dave", "so")))


def test_they_are_told_when_something_is_typed_or_another_is_looked_at(
    alices: Callable[..., Actor],
) -> None:
    with told_with(alices, "all", str(CLUB)) as (alice, lined):
        alice.receives(here("dave"))
        lined.types("")
        lined.shows("dave came.")
        alice.receives(here("eve"))
        lined.types("/msg bob@example.org")
        lined.shows("-> Bob")
        told = lined.output.replace("\r\n", "\n")
        assert told.index("eve came.") < told.index("-> Bob")
        assert lines_after(alice, lined, here("frank")) == []


@pytest.mark.parametrize("wanted", ["none", "here", "contacts"])
def test_of_rooms_nothing_is_told_unless_it_is_wanted(
    wanted: str, alices: Callable[..., Actor]
) -> None:
    with told_with(alices, wanted, str(CLUB)) as (alice, lined):
        [line] = lines_after(alice, lined, here("dave"), said("dave", "hello"))
        assert line.endswith(" dave: hello")


def test_a_flood_of_comings_is_one_line(alices: Callable[..., Actor]) -> None:
    with told_with(alices, "all", str(CLUB)) as (alice, lined):
        flood = [here(f"n{number}") for number in range(500)]
        told = lines_after(alice, lined, *flood, said("n1", "hello"))
        assert told[0] == "n0, n1, n2, n3, n4, n5, n6, n7 and 492 more came."
        assert len(told) == 2
