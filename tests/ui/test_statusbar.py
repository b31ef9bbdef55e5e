"""The status bar: each account in the contract's words, and what to do, in one line."""

from __future__ import annotations

import pytest

from termxmpp.core.text import width
from termxmpp.errors import ConnectionFailed, LoginRefused
from termxmpp.ui.statusbar import status_line
from tests.support.accounts import opens_account
from tests.support.harness import Actor


def bar(alice: Actor, columns: int = 80, question: str = "") -> str:
    return "".join(fragment[1] for fragment in status_line(alice.workspace, columns, question))


def test_the_account_and_its_state(alice: Actor) -> None:
    assert bar(alice).rstrip() == " alice@example.org: online"


def test_what_is_unread_is_counted(alice: Actor) -> None:
    alice.receives("<message from='bob@example.org/x' type='chat'><body>x</body></message>")
    assert "1 unread" in bar(alice)


def test_an_error_stands_beside_the_state(alice: Actor) -> None:
    alice.loses_the_link(ConnectionFailed("The connection broke."))
    assert bar(alice).startswith(" alice@example.org: reconnecting at 12:00:01 │ The connection")


def test_a_refusal_says_why(alice: Actor) -> None:
    alice.loses_the_link(LoginRefused("The server refused the log-in: no.\x1b[2J", "x"))
    shown = bar(alice, 120)
    assert "refused │ The server refused the log-in: no." in shown
    assert "\x1b" not in shown


@pytest.mark.parametrize(
    ("columns", "told"),
    [
        (
            120,
            "alice@example.org: online │ alice@work.example: reconnecting at 13:00:00 │ "
            "old@example.net: refused",
        ),
        (80, "@example.org: online │ @work.example: reconnecting at 13:00:00 │ old: refused"),
        (64, "@ex…: online │ @wo…: reconnecting at 13:00:00 │ old: refused"),
        (52, "@ex…: online │ @wo…: reconnecting │ old: refused"),
        (40, "online │ reconnecting │ refused"),
    ],
)
def test_with_less_room_it_is_told_in_less_words_and_of_every_account(
    alice: Actor, columns: int, told: str
) -> None:
    gone = ConnectionFailed("gone, " * 20)
    opens_account(alice, "alice@work.example", gone)
    opens_account(alice, "old@example.net", LoginRefused("no", "x"))
    assert bar(alice, columns).split("│ gone")[0].strip() == told


def test_a_question_comes_before_all_else(alice: Actor) -> None:
    assert bar(alice, question="Quit? (y/n)").strip() == "Quit? (y/n)"


@pytest.mark.parametrize("columns", [1, 10, 40, 300])
def test_it_is_as_wide_as_the_screen(alice: Actor, columns: int) -> None:
    alice.types("/nonsense 漢字" + "x" * 200)
    assert width(bar(alice, columns)) == columns
    assert width(bar(alice, columns, "Really? " * 20)) == columns
