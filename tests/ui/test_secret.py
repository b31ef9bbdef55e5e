"""A password on the screen: asked for in stars, and nowhere to be found afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from tests.support.drawn import Drawn
from tests.support.harness import Actor

QUESTION = "Password for dave@example.org:"


@pytest.fixture
def drawn(alice: Actor) -> Iterator[Drawn]:
    with closing(Drawn(alice, 80, 24)) as made:
        made.shows("online")
        made.types("/account add dave@example.org\r")
        made.shows(QUESTION)
        yield made


def test_what_is_typed_is_seen_by_nobody_and_kept_nowhere(alice: Actor, drawn: Drawn) -> None:
    asked: list[str] = []

    def refuse(jid: object, password: str) -> None:
        asked.append(password)
        raise ValueError("so far and no further")

    alice.workspace.new_client = refuse  # type: ignore[assignment]
    drawn.types("wonxder\x7f")
    drawn.shows(f"{QUESTION} ******")
    drawn.types("\x1b[D\x1b[D\x1b[D\x7fr\x1b[3~\x1b[3~\x1b[3~")
    drawn.types("\x15wonder")
    drawn.shows(f"{QUESTION} ******\n")
    assert "won" not in drawn.text
    drawn.types("\r")
    drawn.hides(QUESTION)
    assert asked == ["wonder"]
    # Neither among own lines, nor by undoing, nor by what was cut.
    for keys in ("\x1b[A", "\x1f", "\x15\x19"):
        drawn.types(keys)
        assert "wonder" not in drawn.redraws()
    assert not any("wonder" in told for told in alice.told())


@pytest.mark.parametrize("keys", ["\x1b", "\x03", "\x04", "\x07", "\r", "half\x1b"])
def test_who_types_nothing_changes_nothing(alice: Actor, drawn: Drawn, keys: str) -> None:
    drawn.types(keys)
    drawn.shows("No password was typed; nothing has changed.")
    drawn.hides(QUESTION)
    drawn.types("hello")
    drawn.shows("> hello")
    assert len(alice.workspace.clients) == 1


def test_keys_that_mean_something_elsewhere_mean_nothing_there(alice: Actor, drawn: Drawn) -> None:
    """Neither tab nor the window's keys, the switcher's or those of own lines."""
    drawn.types("a\t\x0b\x10\x1b1b\x1b[A\x1b[B")
    drawn.shows(f"{QUESTION} *")
    drawn.types("\x0b\x1b[200~pasted\nmore\x1b[201~")
    drawn.shows(f"{QUESTION} ******\n")
    drawn.types("\x03")
    drawn.hides(QUESTION)


def test_another_question_waits_for_none(alice: Actor, drawn: Drawn) -> None:
    alice.types("/account add erin@example.org")
    drawn.shows("No password was typed; nothing has changed.")
    drawn.shows(QUESTION)


def test_the_end_of_the_program_ends_the_question(alice: Actor, drawn: Drawn) -> None:
    alice.run(alice.workspace.end)
    drawn.hides(QUESTION)
