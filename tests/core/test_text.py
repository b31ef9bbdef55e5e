from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from prompt_toolkit.utils import get_cwidth

from termxmpp.core.text import MARKS, one_line, truncate, visible, width, wrap

FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
ENGLAND = "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"

# Any text, with what matters here far more frequent than chance would have it.
peer_text = st.lists(
    st.characters()
    | st.sampled_from(
        "\x00\x07\t\n\r\x1b\x7f\x85\x9b\xad\u0301\u0308\u034f\u0628\u094d\u0915\u115f\u180b\u1820"
        "\u200b\u200c\u200d\u200e\u2028\u202e\u2066\u3164\ue000\ufe0e\ufe0f\ufeff\uffff\ud800"
        "\U000e0067\U000e007f\U000e0100\U0001f3f4\U0001f3fd\U0001f468\U0001f9b0…⟧◌1漢 a"
    )
    | st.sampled_from([FAMILY, ENGLAND, "\r\n", "\u0301" * MARKS])
).map("".join)


@given(peer_text)
def test_nothing_stays_that_a_terminal_would_obey(text: str) -> None:
    for char in visible(text):
        assert char in "\n\t" or unicodedata.category(char) not in ("Cc", "Cs", "Co", "Zl", "Zp")


@given(peer_text)
def test_no_bidi_control_and_no_invisible_space_stays(text: str) -> None:
    assert not set(visible(text)) & set(
        "\xad\u034f\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e"
        "\u2060\u2066\u2067\u2068\u2069\u3164\ufeff\ufff9\uffa0\U000e0001"
    )


@given(peer_text, st.booleans())
@example("a" + "\u0301" * 30 + "\u200d\u0301", True)
@example("\u0915\u094d\u200d" * 9, True)
def test_what_is_visible_already_stays_as_it_is(text: str, multiline: bool) -> None:
    shown = visible(text, multiline)
    assert visible(shown, multiline) == shown


@given(peer_text)
def test_a_single_line_has_no_line_break(text: str) -> None:
    assert "\n" not in visible(text, multiline=False)


@pytest.mark.parametrize(
    "text",
    [
        "plain text, with punctuation!",
        "two\nlines\tand a tab",
        "naïve – “quoted” … 10 €",
        "Привет, мир",
        "中文，日本語、한국어。",
        "שלום مرحبا",
        "می\u200cخواهم",
        "ക്\u200d",
        "\u0995\u09cd\u200d\u09af",
        "e\u0301 a\u0308\u0304",
        "葛\U000e0100城",
        "👍🏽 ❤\ufe0f 1\ufe0f\u20e3 ☎\ufe0e 🇩🇪",
        f"{FAMILY} 👩🏽\u200d🚀 ❤\ufe0f\u200d🔥 🙂\u200d↔\ufe0f",
        ENGLAND,
        "\U0001fa77",
        "a\xa0b\u3000c",
    ],
)
def test_legitimate_text_is_untouched(text: str) -> None:
    assert visible(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[2Jhi\x07", "␛[2Jhi␇"),
        ("\x9b2J \x85", "␛[2J ␛E"),
        ("\x00\x7f", "␀␡"),
        ("a\r\nb\rc", "a\nb␍c"),
        ("\u202etxt.exe", "⟦RLO⟧txt.exe"),
        ("\u2066a\u2069", "⟦LRI⟧a⟦PDI⟧"),
        ("pay\u200bpal", "pay⟦ZWSP⟧pal"),
        ("x\u200dy \u200c", "x⟦ZWJ⟧y ⟦ZWNJ⟧"),
        ("👍\u200dok", "👍⟦ZWJ⟧ok"),
        ("a\ufe0f", "a⟦U+FE0F⟧"),
        ("❤\ufe0f\ufe0f", "❤\ufe0f⟦U+FE0F⟧"),
        ("a\U000e0100", "a⟦U+E0100⟧"),
        ("\U000e0068\U000e0069", "⟦U+E0068⟧⟦U+E0069⟧"),
        ("\u3164", "⟦U+3164⟧"),
        ("one\u2028two", "one⟦LSEP⟧two"),
        ("\ufffb", "⟦U+FFFB⟧"),
        ("\ue000\ud800\ufdd0\uffff", "\ufffd" * 4),
        ("\u0301a", "◌\u0301a"),
        ("a\n\u0301", "a\n◌\u0301"),
        ("a" + "\u0301" * 20 + "b", "a" + "\u0301" * MARKS + "…b"),
    ],
)
def test_what_obeys_or_hides_is_shown(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_a_line_feed_is_a_picture_where_there_is_one_line() -> None:
    assert visible("a\r\nb\nc", multiline=False) == "a␤b␤c"


@pytest.mark.parametrize(
    ("text", "limit", "line"),
    [
        ("Bob", 10, "Bob"),
        ("Bob\n\x1b]0;root\x07", 40, "Bob␤␛]0;root␇"),
        ("a\tb", 10, "a b"),
        ("a long nickname", 6, "a lon…"),
        ("漢字漢字", 6, "漢字…"),
        ("\u202e" * 10, 8, "⟦RLO⟧⟦R…"),
        ("anything", 0, ""),
    ],
)
def test_a_name_fits_its_place(text: str, limit: int, line: str) -> None:
    assert one_line(text, limit) == line


def test_of_a_huge_name_only_the_beginning_is_read() -> None:
    assert one_line("a" + "\u0301" * 1_000_000, 4) == "a" + "\u0301" * MARKS + "……"


@pytest.mark.parametrize(
    ("text", "columns"),
    [("", 0), ("abc", 3), ("漢字", 4), ("e\u0301", 1), ("👍", 2), (FAMILY, 6), ("⟦RLO⟧", 5)],
)
def test_width_is_the_sum_over_the_code_points(text: str, columns: int) -> None:
    assert width(text) == columns


@given(peer_text)
def test_width_agrees_with_what_draws_it(text: str) -> None:
    assert width(visible(text)) == get_cwidth(visible(text))


@given(peer_text, st.integers(0, 30))
def test_what_is_truncated_fits(text: str, columns: int) -> None:
    assert width(truncate(visible(text, multiline=False).replace("\t", " "), columns)) <= columns


def test_truncating_splits_no_cluster() -> None:
    assert truncate(f"a{FAMILY}b", 6) == "a…"
    assert truncate("ae\u0301bc", 3) == "ae\u0301…"


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", [""]),
        ("short", ["short"]),
        ("one two three", ["one two", "three"]),
        ("one\n\ntwo", ["one", "", "two"]),
        ("  indented code", ["  indented", "code"]),
        ("to   the right   ", ["to   the", "right   "]),
        ("abcdefghijklmnopqrstuvw", ["abcdefghij", "klmnopqrst", "uvw"]),
        ("see abcdefghijklm end", ["see", "abcdefghij", "klm end"]),
        ("a\tb", ["a       b"]),
        ("漢字漢字漢字", ["漢字漢字漢", "字"]),
        ("漢字漢字漢。字", ["漢字漢字", "漢。字"]),
        ("wort漢字漢字", ["wort漢字漢", "字"]),
        (f"{FAMILY}{FAMILY}", [FAMILY, FAMILY]),
        ("a             b", ["a", "b"]),
    ],
)
def test_lines_break_between_words(text: str, lines: list[str]) -> None:
    assert wrap(text, 10) == lines


@given(peer_text, st.integers(8, 40))
def test_wrapping_loses_nothing_but_spaces_and_keeps_to_the_width(text: str, columns: int) -> None:
    shown = visible(text)
    lines = wrap(shown, columns)
    assert "".join(lines).replace(" ", "") == "".join(shown.split("\n")).replace(" ", "").replace(
        "\t", ""
    )
    for line in lines:
        assert width(line) <= columns or wrap(line, columns) == [line]
