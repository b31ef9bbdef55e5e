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
        ("me@a --send to@b --wait none", Arguments(("me@a",), ("to@b",), waits_for="none")),
        ("me@a --send to@b --wait receipt", Arguments(("me@a",), ("to@b",), waits_for="receipt")),
        ("me@a --send to@b --retry 60", Arguments(("me@a",), ("to@b",), retry=60.0)),
        ("me@a --send to@b --retry 0", Arguments(("me@a",), ("to@b",))),
        (
            "me@a --send r@c --nick ops --room-password-file p --subject s --type groupchat",
            Arguments(
                ("me@a",),
                ("r@c",),
                nick="ops",
                room_password_file="p",
                subject="s",
                type="groupchat",
            ),
        ),
        ("me@a --raw", Arguments(("me@a",), is_raw=True)),
        ("me@a --send to@b --file a --file b", Arguments(("me@a",), ("to@b",), files=("a", "b"))),
        ("me@a --send to@b --timeout 2.5", Arguments(("me@a",), ("to@b",), timeout=2.5)),
        ("--debug me@a", Arguments(("me@a",), debug="")),
        ("--debug=log me@a", Arguments(("me@a",), debug="log")),
        ("--demo", Arguments(is_demo=True)),
        ("--proxy http://a:1 me@a", Arguments(("me@a",), proxy="http://a:1")),
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
        "me@a --file a",
        "me@a --send to@b --file a --lines",
        "me@a --send to@b --wait forever",
        "me@a --send to@b --retry -1",
        "me@a --send to@b --type error",
        "me@a --send to@b --type chat --nick ops",
        "me@a --send to@b --raw",
        "me@a --raw --lines",
        "me@a --subject s",
        "me@a --nick ops",
        "me@a --listen --subject s",
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


@pytest.mark.parametrize(
    ("option", "words"),
    [
        ("--sned", "There is no option --sned: did you mean --send?"),
        ("--time-out=3", "There is no option --time-out: did you mean --timeout?"),
        ("--frobnicate", "There is no option --frobnicate: termxmpp --help tells what there is."),
    ],
)
def test_an_option_that_is_not_there_offers_the_nearest(option: str, words: str) -> None:
    with pytest.raises(UserError) as raised:
        parse_arguments(["me@example.org", option, "x"])
    assert str(raised.value) == words
