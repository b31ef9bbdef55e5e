"""The command line's grammar, as the contract has it."""

from __future__ import annotations

import pytest

from termxmpp.arguments import Arguments, help_text, parse_arguments
from termxmpp.errors import UserError


@pytest.mark.parametrize(
    ("line", "arguments"),
    [
        ("", Arguments()),
        ("me@a you@b", Arguments(words=("me@a", "you@b"))),
        (
            "me@a --send to@b hello there",
            Arguments(words=("me@a", "hello", "there"), send_to=("to@b",)),
        ),
        ("--send to@b --send c@d me@a x", Arguments(words=("me@a", "x"), send_to=("to@b", "c@d"))),
        ("me@a x --send to@b y", Arguments(words=("me@a", "x", "y"), send_to=("to@b",))),
        (
            "me@a --send to@b -- --json -x",
            Arguments(words=("me@a", "--json", "-x"), send_to=("to@b",)),
        ),
        ("me@a --send to@b --wait none", Arguments(("me@a",), ("to@b",), waits=False)),
        ("me@a --send to@b --timeout 2.5", Arguments(("me@a",), ("to@b",), timeout=2.5)),
        ("--debug me@a", Arguments(("me@a",), debug="")),
        ("--debug=log me@a", Arguments(("me@a",), debug="log")),
        ("--demo", Arguments(is_demo=True)),
        ("--help", Arguments(help_topic="")),
        ("--help config", Arguments(help_topic="config")),
    ],
)
def test_what_is_asked_for(line: str, arguments: Arguments) -> None:
    assert parse_arguments(line.split()) == arguments


@pytest.mark.parametrize(
    "line",
    [
        "--nonsense",
        "me@a --send",
        "me@a --lines",
        "me@a --json",
        "me@a --send to@b --wait receipt",
        "me@a --send to@b --timeout 0",
        "me@a --send to@b --timeout soon",
        "me@a --sen to@b",
        "--password secret me@a",
    ],
)
def test_wrong_usage_is_64(line: str) -> None:
    with pytest.raises(UserError) as raised:
        parse_arguments(line.split())
    assert raised.value.exit_status == 64


def test_the_help_names_every_option_and_every_status() -> None:
    text = help_text()
    for word in ("--send", "--lines", "--wait", "--pin", "--password-command", "75", "--demo"):
        assert word in text
