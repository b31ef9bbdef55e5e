"""Whole words, in any script, whatever the case."""

from __future__ import annotations

import pytest

from termxmpp.core.mentions import mentions


@pytest.mark.parametrize(
    ("text", "word", "is_named"),
    [
        ("hi bob", "bob", True),
        ("BOB: hi", "bob", True),
        ("@bob, hi", "Bob", True),
        ("bobby", "bob", False),
        ("bob2", "bob", False),
        ("abob", "bob", False),
        ("bobby bob", "bob", True),
        ("bob_", "bob", False),
        ("die STRASSE", "straße", True),
        ("ｂｏｂ!", "bob", True),
        ("привет, Боб!", "боб", True),
        ("бобр", "боб", False),
        ("小明你好", "小明", True),
        ("你好bob吗", "bob", True),
        ("민수는 어디", "민수", True),
        ("a n\u0303", "n", False),
        ("[bob] hi", "[bob]", True),
        ("hi there bob smith.", "Bob Smith", True),
        ("hi", "", False),
        ("hi", " ", False),
    ],
)
def test_a_name_is_found_as_a_whole_word(text: str, word: str, is_named: bool) -> None:
    assert mentions(text, [word]) is is_named
