"""Hints: what its sender wants kept nowhere is shown, and kept nowhere."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from termxmpp.features.hints import FEATURE
from termxmpp.xmpp.hints import NS
from tests.support.harness import BOB, Actor

SAID = "<message from='bob@example.org/desk' type='chat' id='m1'>{}<body>burn this</body></message>"


def hinted(*names: str) -> str:
    return SAID.format("".join(f"<{name} xmlns='{NS}'/>" for name in names))


@pytest.mark.parametrize(
    ("names", "is_kept"),
    [
        ((), True),
        (("store",), True),
        (("no-copy",), True),
        (("no-store",), False),
        (("no-permanent-store",), False),
        (("no-store", "no-copy", "store"), False),
    ],
)
def test_what_nobody_is_to_keep_is_shown_until_the_end(
    alices: Callable[..., Actor], tmp_path: Path, names: tuple[str, ...], is_kept: bool
) -> None:
    alice = alices(tmp_path)
    alice.receives(hinted(*names))
    alice.looks_at(BOB)
    assert alice.lines()[-1] == "12:00 Bob      burn this"
    alice.close()
    assert (b"burn this" in all_of(tmp_path)) is is_kept
    later = alices(tmp_path)
    later.looks_at(BOB)
    assert any("burn this" in line for line in later.lines()) is is_kept


def all_of(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.iterdir() if path.is_file())


def test_it_is_unread_as_any_other(alice: Actor) -> None:
    alice.receives(hinted("no-store"))
    assert alice.client.state.conversation(BOB).unread == 1


def test_two_of_them_are_two(alice: Actor) -> None:
    alice.receives(hinted("no-store"), hinted("no-store"))
    alice.looks_at(BOB)
    assert sum("burn this" in line for line in alice.lines()) == 2


def test_the_hints_of_another_language_say_nothing(
    alices: Callable[..., Actor], tmp_path: Path
) -> None:
    alice = alices(tmp_path)
    alice.receives(hinted("no-store").replace(NS, "urn:other"))
    alice.close()
    assert b"burn this" in all_of(tmp_path)


def test_they_are_announced() -> None:
    assert NS in FEATURE.namespaces
