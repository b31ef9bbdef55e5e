from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from termxmpp.commands.completion import LIMIT, Completion, complete
from termxmpp.commands.parser import Invocation, bind, parse
from termxmpp.commands.registry import Kind, Name, Registry, Rest, command
from termxmpp.core.jid import Jid


@command("msg", aliases=("query",))
def msg(ctx: object, jid: Jid, text: Rest | None = None) -> None:
    """Write to JID."""


@command("quit")
def quit_(ctx: object) -> None:
    """Leave."""


@command("win")
def win(ctx: object, window: Annotated[Rest, Kind.WINDOW] | None = None) -> None:
    """Look at a window."""


@command("kick")
def kick(ctx: object, nick: Annotated[str, Kind.NICK], reason: Rest | None = None) -> None:
    """Put NICK out."""


@command("join")
def join(ctx: object, room: Annotated[Jid, Kind.ROOM]) -> None:
    """Enter ROOM."""


@command("connect")
def connect(ctx: object, account: Annotated[Jid, Kind.ACCOUNT] | None = None) -> None:
    """Connect."""


@command("help")
def help_(ctx: object, word: Annotated[Rest, Kind.COMMAND] | None = None) -> None:
    """Explain."""


@command("send")
def send(ctx: object, file: Annotated[str, Kind.FILE]) -> None:
    """Upload."""


@command("react")
def react(ctx: object, back: int | None, emoji: Annotated[str, Kind.EMOJI]) -> None:
    """Answer with EMOJI."""


@command("mouse")
def mouse(ctx: object, switch: Literal["on", "off"]) -> None:
    """Use the mouse."""


@command("set")
def set_(
    ctx: object,
    key: Annotated[str, Kind.SETTING] | None = None,
    value: Annotated[Name, Kind.VALUE] | None = None,
) -> None:
    """Set KEY."""


@command("roster list")
def roster_list(ctx: object) -> None:
    """List the contacts."""


@command("roster remove")
def roster_remove(ctx: object, *jids: Annotated[Jid, Kind.CONTACT]) -> None:
    """Remove JIDS."""


registry = Registry(
    [
        msg,
        quit_,
        win,
        kick,
        join,
        connect,
        help_,
        send,
        react,
        mouse,
        set_,
        roster_list,
        roster_remove,
    ]
)


class Sources:
    """What is known in a small world."""

    def __init__(self, contacts: Iterable[tuple[str, str]] | None = None) -> None:
        self._contacts = contacts

    def contacts(self) -> Iterable[tuple[str, str]]:
        if self._contacts is not None:
            return self._contacts
        return [
            ("robin@example.org", "Robin"),
            ("bob@example.org", "Bob"),
            ("eve@example.org", "Bobby\x1b[2J"),
        ]

    def rooms(self) -> Iterable[tuple[str, str]]:
        return [("bobsled@rooms.example.org", "Winter sports")]

    def nicks(self) -> Iterable[tuple[str, str]]:
        return [("Anna", "member"), ("Anna Lena", "owner"), ('"q"', "")]

    def accounts(self) -> Iterable[tuple[str, str]]:
        return [("me@example.org", "online")]

    def blocked(self) -> Iterable[tuple[str, str]]:
        yield "spam@example.net", ""

    def window_names(self) -> Iterable[tuple[str, str]]:
        return [("1", "me@example.org"), ("2", "Bob")]

    def named(self, kind: Kind, before: str) -> Iterable[tuple[str, str]]:
        if kind is Kind.VALUE:
            return [(f"{before}-on", "it is on"), (f"{before}-off", "it is off")]
        return [("ui.mouse", "clicks"), ("ui.theme", "colours")]

    def files(self, prefix: str) -> Iterable[tuple[str, str]]:
        return [(f"{prefix}.txt", "12 bytes")]


def offers(line: str) -> list[str]:
    """The whole lines that `line` could become, with the cursor at its end."""
    found = complete(line, len(line), registry, Sources())
    return [line[: each.start] + each.text for each in found]


def test_a_command_is_offered_with_what_it_does() -> None:
    assert complete("/ms", 3, registry, Sources()) == [
        Completion(1, "msg ", "msg", "Write to JID.")
    ]


def test_a_value_depends_on_the_word_before_it() -> None:
    assert offers("/set mou") == ["/set ui.mouse"]
    assert offers("/set ui.mouse ") == ["/set ui.mouse ui.mouse-on", "/set ui.mouse ui.mouse-off"]
    assert offers("/set x x-of") == ["/set x x-off"]


def test_a_slash_offers_all_commands_and_each_group_once() -> None:
    assert offers("/") == [
        "/connect ",
        "/help ",
        "/join ",
        "/kick ",
        "/mouse ",
        "/msg ",
        "/query ",
        "/quit",
        "/react ",
        "/roster ",
        "/send ",
        "/set ",
        "/win ",
    ]


def test_a_group_says_what_it_has() -> None:
    assert complete("/ros", 4, registry, Sources())[0].meta == "list, remove"


@pytest.mark.parametrize(
    ("line", "lines"),
    [
        ("/roster ", ["/roster list", "/roster remove "]),
        ("/roster L", ["/roster list"]),
        ("/roster remove b",
         ["/roster remove bob@example.org", "/roster remove eve@example.org",
          "/roster remove robin@example.org"]),
        ("/roster remove eve@example.org ro", ["/roster remove eve@example.org robin@example.org"]),
        ("/msg bob", ["/msg bob@example.org", "/msg bobsled@rooms.example.org",
                      "/msg eve@example.org"]),
        ("/MSG winter", ["/MSG bobsled@rooms.example.org"]),
        ("/msg 'eve", ["/msg eve@example.org"]),
        ("/win bo", ["/win 2"]),
        ("/win ", ["/win 1", "/win 2"]),
        ("/kick ann", ["/kick Anna", '/kick "Anna Lena"']),
        ('/kick "Anna ', ['/kick "Anna Lena"']),
        ("/kick '\"", ['/kick "\\"q\\""']),
        ("/join ", ["/join bobsled@rooms.example.org"]),
        ("/connect m", ["/connect me@example.org"]),
        ("/help roster r", ["/help roster remove"]),
        ("/send notes", ["/send notes.txt"]),
        ("/send 'my notes", ['/send "my notes.txt"']),
        ("/mouse o", ["/mouse on", "/mouse off"]),
        ("/quit ", []),
        ("/nonsense x", []),
        ("/kick Anna for Ann", ["/kick Anna for Anna", "/kick Anna for Anna Lena"]),
    ],
)  # fmt: skip
def test_an_argument_is_completed_by_its_kind(line: str, lines: list[str]) -> None:
    assert offers(line) == lines


@pytest.mark.parametrize(
    "line", ["/react rocket", "/react 2 rocket", "/react :rocket", "hi :rocket"]
)
def test_an_emoji_is_found_by_its_name(line: str) -> None:
    assert line[: line.rindex(" ")] + " 🚀" in offers(line)


def test_in_a_text_the_last_word_may_be_a_nick() -> None:
    assert offers("hello an") == ["hello Anna", "hello Anna Lena"]
    assert offers("hello ") == []
    assert offers("//an") == []


def test_only_what_stands_before_the_cursor_counts() -> None:
    found = complete("/msg bo and more", 7, registry, Sources())
    assert (found[0].start, found[0].text) == (5, "bob@example.org")


def test_what_is_shown_is_fit_for_a_screen() -> None:
    found = complete("/msg eve", 8, registry, Sources())
    assert found == [Completion(5, "eve@example.org", "eve@example.org", "Bobby␛[2J")]


def test_no_more_is_offered_than_anybody_reads() -> None:
    many = Sources([(f"user{number}@example.org", "") for number in range(10_000)])
    found = complete("/roster remove ", 15, registry, many)
    assert len(found) == LIMIT
    assert found[0].text == "user0@example.org"
    assert len(complete("/roster remove example", 22, registry, many)) == LIMIT


@given(st.text(), st.integers(0, 30))
def test_whatever_is_typed_completing_never_fails(line: str, cursor: int) -> None:
    for start in ("", "/", "/msg ", "/react ", "/roster remove ", "/kick "):
        for each in complete(start + line, cursor, registry, Sources()):
            assert 0 <= each.start <= cursor


@given(st.text(min_size=1))
def test_an_offer_is_read_as_the_one_word_that_it_is(nick: str) -> None:
    class OneNick(Sources):
        def nicks(self) -> Iterable[tuple[str, str]]:
            return [(nick, "")]

    (offer,) = complete("/kick ", 6, registry, OneNick())
    entered = parse(f"/kick {offer.text}")
    assert isinstance(entered, Invocation)
    assert bind(kick, entered) == [nick, None]
