"""Spoilers: the hint of what is hidden, and that it is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.acts import correction, message, only, shown
from tests.support.harness import Actor


@pytest.mark.parametrize(
    ("inside", "hint"),
    [
        ("<spoiler xmlns='urn:xmpp:spoiler:0'>Love story end</spoiler>", "Love story end"),
        ("<spoiler xmlns='urn:xmpp:spoiler:0'/>", ""),
        ("<spoiler xmlns='urn:other'>no</spoiler>", None),
        ("", None),
    ],
)
def test_what_is_hidden_has_its_hint_also_after_a_restart(
    alices: Callable[..., Actor], tmp_path: Path, inside: str, hint: str | None
) -> None:
    alice = alices(tmp_path)
    alice.receives(message(f"<body>both die</body>{inside}", "m"))
    assert (only(alice).text, only(alice).spoiler) == ("both die", hint)
    alice.close()
    assert only(alices(tmp_path)).spoiler == hint


def test_a_correction_says_anew_whether_it_is_hidden(alice: Actor) -> None:
    spoiler = "<spoiler xmlns='urn:xmpp:spoiler:0'>end</spoiler>"
    alice.receives(message("<body>both die</body>", "m"))
    alice.receives(correction("m", "both die!", "c", inside=spoiler))
    assert only(alice).spoiler == "end"
    alice.receives(correction("m", "nobody dies", "d"))
    assert [each.spoiler for each in shown(alice)] == [None]
