"""Emoji by the names that people type."""

from __future__ import annotations

import pytest

from termxmpp.core.emoji import TABLE, begun, find, named, replaced
from tests.shortcodes import table


def test_the_table_is_that_of_the_package_it_is_made_from() -> None:
    """A newer one has more; what was here once stays."""
    known = set(TABLE.read_text(encoding="utf-8").splitlines())
    theirs = {line.split(" ")[0]: set(line.split(" ")) for line in table().splitlines()}
    assert len(known) > 1900
    assert [
        line for line in known if not set(line.split(" ")[:2]) <= theirs[line.split(" ")[0]]
    ] == []


@pytest.mark.parametrize(
    ("name", "emoji"),
    [("smile", "😄"), ("+1", "👍"), ("-1", "👎"), ("tada", "🎉"), ("heart", "❤️"), ("joy", "😂"),
     ("rocket", "🚀"), ("SMILE", "😄"), ("de", "🇩🇪"), ("grinning_face", "😀")],
)  # fmt: skip
def test_names_are_those_that_everybody_knows(name: str, emoji: str) -> None:
    assert named(name) == emoji


@pytest.mark.parametrize("name", ["", "nobody", "smil", "a b", ".*", "😄", "x\n"])
def test_what_is_no_name_has_no_emoji(name: str) -> None:
    assert named(name) is None


@pytest.mark.parametrize(
    ("text", "name"),
    [(":smile", ":smile"), ("hi :smile:", ":smile:"), ("(:+1", ":+1"), ("好:smi", ":smi"),
     (":x:", ":x:"), ("a\n:smi", ":smi"),
     ("", None), (":", None), (":D", None), ("10:30", None), ("http://x", None), ("a::bc", None),
     ("std:vector", None), (":smile hi", None), (":sm le", None)],
)  # fmt: skip
def test_a_name_begins_with_a_colon_that_is_no_other_sign(text: str, name: str | None) -> None:
    assert begun(text) == name


def test_the_name_itself_comes_first_then_what_begins_so_then_what_has_such_a_word() -> None:
    found = list(find(":smile"))
    assert found[0] == ("😄", "smile", "grinning face with smiling eyes")
    assert found[1][:2] == ("😃", "smiley")
    names = [name for _, name, _ in find("cat")]
    assert names[0] == "cat"
    assert names.index("cat_with_wry_smile") < names.index("smile_cat")
    assert [emoji for emoji, _, _ in find("grinning face with sm")] == ["😄"]


def test_names_between_colons_can_be_replaced_and_nothing_else_is() -> None:
    text = "a :smile: b :nope: 10:20:30 :+1::tada: http://x:80:y std::cat::x"
    assert replaced(text) == "a 😄 b :nope: 10:20:30 👍🎉 http://x:80:y std::cat::x"
