from __future__ import annotations

import contextlib
from enum import StrEnum
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from termxmpp.commands.parser import Invocation, Text, bind, parse
from termxmpp.commands.registry import Command, Name, Registry, Rest, command
from termxmpp.core.jid import Jid
from termxmpp.errors import UserError


class Switch(StrEnum):
    ON = "on"
    OFF = "off"


@command("quit")
def quit_(ctx: object) -> None:
    """Leave."""


@command("msg")
def msg(ctx: object, jid: Jid, text: Rest | None = None) -> None:
    """Write."""


@command("me")
def me(ctx: object, text: Rest) -> None:
    """Act."""


@command("reply")
def reply(ctx: object, back: int | None, text: Rest) -> None:
    """Answer."""


@command("ping")
def ping(ctx: object, jid: Jid | None = None, count: int = 3) -> None:
    """Measure."""


@command("mouse")
def mouse(ctx: object, switch: Switch, how: Literal["once", "always"] = "always") -> None:
    """Switch."""


@command("roster add")
def roster_add(ctx: object, jid: Jid, name: Name | None = None) -> None:
    """Add."""


@command("roster group")
def roster_group(ctx: object, jid: Jid, *groups: str) -> None:
    """Group."""


@command("keep")
def keep(ctx: object, back: int | None = None, path: Name | None = None) -> None:
    """Keep what was sent."""


registry = Registry([quit_, msg, me, reply, keep, ping, mouse, roster_add, roster_group])
BOB = Jid("bob", "example.org")


def typed(line: str) -> tuple[Command, list[Any]]:
    invocation = parse(line)
    assert isinstance(invocation, Invocation)
    found = registry.lookup(invocation)
    return found, bind(found, invocation)


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("hello", "hello"),
        ("", ""),
        ("//etc/passwd", "/etc/passwd"),
        ("///", "//"),
        (" /quit", " /quit"),
        ("look:\n/quit", "look:\n/quit"),
    ],
)
def test_what_does_not_begin_with_one_slash_is_text(line: str, text: str) -> None:
    assert parse(line) == Text(text)


@pytest.mark.parametrize("line", ["/", "/ quit", "/\nquit"])
def test_a_slash_without_a_name_is_refused(line: str) -> None:
    with pytest.raises(UserError, match="right behind the /"):
        parse(line)


@pytest.mark.parametrize(
    ("line", "command", "arguments"),
    [
        ("/quit", quit_, []),
        ("/quit  ", quit_, []),
        ("/msg bob@example.org", msg, [BOB, None]),
        ("/keep", keep, [None, None]),
        ("/keep 3", keep, [3, None]),
        ("/keep ~/a b", keep, [None, "~/a b"]),
        ("/keep 3 '/a b'", keep, [3, "/a b"]),
        ("/msg bob@example.org it's fine", msg, [BOB, "it's fine"]),
        ('/msg  bob@example.org  "quoted"  twice ', msg, [BOB, '"quoted"  twice']),
        ("/msg bob@example.org one\n two\n", msg, [BOB, "one\n two"]),
        ("/msg\nbob@example.org hi", msg, [BOB, "hi"]),
        ('/msg "bob@example.org/at home" hi', msg, [BOB.with_resource("at home"), "hi"]),
        ("/me waves", me, ["waves"]),
        ("/reply 2 yes", reply, [2, "yes"]),
        ("/reply yes", reply, [None, "yes"]),
        ("/reply 2", reply, [None, "2"]),
        ("/reply it's fine", reply, [None, "it's fine"]),
        ("/ping", ping, [None, 3]),
        ("/ping bob@example.org 5", ping, [BOB, 5]),
        ("/mouse on", mouse, [Switch.ON, "always"]),
        ("/mouse OFF Once", mouse, [Switch.OFF, "once"]),
        ("/roster add bob@example.org", roster_add, [BOB, None]),
        ("/roster add bob@example.org Bob Smith", roster_add, [BOB, "Bob Smith"]),
        ('/roster add bob@example.org "Bob Smith"', roster_add, [BOB, "Bob Smith"]),
        ("/roster add bob@example.org Bob O'Hara", roster_add, [BOB, "Bob O'Hara"]),
        ("/roster add bob@example.org 'a' b", roster_add, [BOB, "'a' b"]),
        ("/roster group bob@example.org", roster_group, [BOB]),
        ("/roster group bob@example.org Work 'Old friends'", roster_group,
         [BOB, "Work", "Old friends"]),
    ],
)  # fmt: skip
def test_words_become_arguments(line: str, command: Command, arguments: list[Any]) -> None:
    assert typed(line) == (command, arguments)


def test_a_choice_becomes_a_member_of_its_enumeration() -> None:
    assert typed("/mouse on")[1][0] is Switch.ON


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ("/msg", "JID is missing. Usage: /msg JID [TEXT]"),
        ("/me  ", "TEXT is missing. Usage: /me TEXT"),
        ("/reply", "TEXT is missing. Usage: /reply [BACK] TEXT"),
        ("/quit now", "'now' is too much. Usage: /quit"),
        ("/quit " + "x" * 99, "'" + "x" * 21 + "...' is too much. Usage: /quit"),
        ("/ping bob@example.org x", "COUNT is a number, which 'x' is not."),
        ("/ping bob@example.org " + "9" * 5000, "COUNT is a number"),
        ("/mouse maybe", "SWITCH is one of on, off, not 'maybe'. Usage: /mouse on|off"),
        ("/msg @example.org hi", "is no XMPP address"),
        ("/roster group bob@example.org 'Old friends",
         "(character 31) is never closed; \\' is the mark itself."),
        ('/msg "bob', "(character 6) is never closed"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_told_with_the_usage(line: str, error: str) -> None:
    with pytest.raises(UserError) as raised:
        typed(line)
    assert error in str(raised.value)
    assert "Usage: /" in str(raised.value)


@given(st.text(), st.sampled_from(["", "/", "/msg ", "/reply ", "/roster group bob@example.org "]))
def test_whatever_is_typed_is_understood_or_refused_in_words(line: str, start: str) -> None:
    with contextlib.suppress(UserError):
        entered = parse(start + line)
        if isinstance(entered, Invocation):
            bind(registry.lookup(entered), entered)


@given(st.text(min_size=1).map(str.strip).filter(bool))
def test_the_rest_is_what_was_typed(text: str) -> None:
    assert typed(f"/msg bob@example.org {text}") == (msg, [BOB, text])
