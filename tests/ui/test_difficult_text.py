"""Text that takes other columns than it has characters: what stands beside it stays straight."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing
from xml.sax.saxutils import escape, quoteattr

import pytest

from termxmpp.core.jid import Jid
from termxmpp.core.text import LRM
from termxmpp.ui.sidebar import COLUMNS
from tests.support.drawn import Drawn
from tests.support.emulator import Emulator, Joining
from tests.support.harness import BOB, Actor

TEXTS = {
    "wide": "寿司と味噌汁、それからお茶。",
    "wide and narrow": "a寿b司cと",
    "halfwidth": "ﾊﾝｶｸ ｶﾅ",
    "korean": "안녕하세요 여러분",
    "combining": "e\u0301a\u0308o\u0302n\u0303",
    "zalgo": "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢L̠ͨͧͩ͘G̴̻͈͍͔̹̑͗̎̅͛́Ǫ̵̹̻̝̳͂̌̌͘",
    "emoji": "🎉🍣✨",
    "family": "👨‍👩‍👧‍👦",
    "profession": "👩🏽‍🚀 👨‍⚕️",
    "skin": "👍🏽👋🏿",
    "selector": "❤️ ☂️ ✈︎ ☎️",
    "flag": "🇳🇴🇨🇳 🇽",
    "flag of tags": "🏴󠁧󠁢󠁥󠁮󠁧󠁿",
    "keycap": "1️⃣ #️⃣ *️⃣",
    "arabic": "مرحبا بالعالم ١٢٣",
    "hebrew with digits": "שלום 123, עולם 4:56",
    "pointed hebrew": "שָׁלוֹם",
    "farsi with joiner": "می‌خواهم",
    "thai": "ก็ที่สุด ภาษาไทย น้ำ",
    "devanagari": "नमस्ते क्षत्रिय",
    "tamil": "வணக்கம்",
    "tibetan": "བོད་སྐད་",
    "myanmar": "မြန်မာဘာသာ",
    "tab": "a\tb\t\tc",
    "zero width": "a\u200bb\u2060c\ufeffd",
    "soft hyphen": "a\u00adb",
    "direction": "\u202eabc\u202c \u2067x\u2069",
    "control": "\x7f\x9b31m",
    "box": "│─╭ ▌",
    "ambiguous": "…—“”·×÷°§",
    "private": "\ue000 \U000f0000",
    "unassigned": "\U000ffffe \u0378",
    "long word": "x" * 300,
    "long wide word": "界" * 150,
    "emoji at the edge": "x" * 49 + "👨‍👩‍👧‍👦",
    "wide at the edge": "x" * 50 + "界",
    "combining at the edge": "x" * 51 + "e\u0301",
}

SIZES = [(40, 12), (71, 24), (80, 24), (81, 24)]


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as found:
        yield found


def characters(text: str) -> str:
    """`text` as a stanza can hold it."""
    return escape("".join(char for char in text if char in "\n\t" or ord(char) >= 0x20))


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize(("columns", "rows"), SIZES)
def test_a_message_moves_nothing_beside_it(
    alice: Actor, stack: ExitStack, name: str, columns: int, rows: int
) -> None:
    """The time, the border and what is right of the text are where they always are."""
    alice.receives(
        "<message from='bob@example.org/x' type='chat' id='b'>"
        f"<body>{characters(TEXTS[name])}</body></message>"
    )
    alice.looks_at(BOB)
    alice.types(TEXTS[name])
    alice.is_confirmed()
    alice.types("end")
    alice.is_confirmed()
    drawn = stack.enter_context(closing(Drawn(alice, columns, rows)))
    drawn.shows("end ✓")
    first = drawn.text
    assert drawn.redraws(is_anew=True) == first
    border = COLUMNS if columns >= 70 else None
    if border is not None:
        assert {drawn.cell(border, row).data for row in range(rows - 2)} == {"│"}
        assert all(drawn.cell(border - 1, row).data == " " for row in range(rows - 2))
    left = 0 if border is None else border + 1
    row = drawn.row_of("end ✓")
    mark = left + 6 + 9 + 4
    assert [drawn.cell(mark + place, row).data for place in range(2)] == ["✓", " "]
    # Every line of the message begins where texts begin, and none reaches the last column.
    assert drawn.cell(columns - 1, row - 1).data in (" ", "")


@pytest.mark.parametrize("emulator", [Emulator, Joining])
@pytest.mark.parametrize(
    "text", ["🇳🇴🇨🇳 flags", "👨‍👩‍👧‍👦 family", "👍🏽👋🏿 skin", "👩🏽‍🚀👨‍⚕️ work"]
)
def test_nothing_stays_behind_where_a_terminal_joins_emoji(
    alice: Actor, stack: ExitStack, text: str, emulator: type[Emulator]
) -> None:
    """Whatever comes, goes or floats over them, it is as if it were drawn anew."""
    alice.receives(f"<message from='{BOB}/x' type='chat' id='b'><body>{text}</body></message>")
    alice.looks_at(BOB)
    drawn = stack.enter_context(closing(Drawn(alice, 80, 24, emulator=emulator)))
    drawn.shows(text.split()[-1])
    places = []
    for say in (f"so {text} say one", "what is said below moves it two", f"{text} {text} three"):
        alice.types(say)
        alice.is_confirmed()
        drawn.shows(f"{say.split()[-1]} ✓")
        places.append(drawn.text)
        assert drawn.redraws(is_anew=True) == places[-1]
        assert {drawn.cell(COLUMNS, row).data for row in range(22)} == {"│"}
    drawn.types("\x1bOP")
    drawn.shows("esc closes")
    floating = drawn.text
    assert drawn.redraws(is_anew=True) == floating
    drawn.types("\x1b")
    drawn.hides("esc closes")
    assert drawn.text == places[-1]


@pytest.mark.parametrize("name", TEXTS)
def test_a_name_moves_nothing_beside_it(alice: Actor, stack: ExitStack, name: str) -> None:
    title = quoteattr(characters(TEXTS[name]).replace("&lt;", "<"))
    alice.receives(
        "<iq type='set' id='p'><query xmlns='jabber:iq:roster'>"
        f"<item jid='bob@example.org' name={title}/></query></iq>",
        "<message from='bob@example.org/x' type='chat' id='b'><body>hello</body></message>",
        "<message from='carol@example.org/x' type='chat' id='c'><body>hello</body></message>",
    )
    alice.looks_at(BOB)
    drawn = stack.enter_context(closing(Drawn(alice, 80, 24)))
    drawn.shows("hello")
    assert drawn.redraws(is_anew=True)
    assert {drawn.cell(COLUMNS, row).data for row in range(22)} == {"│"}
    row = drawn.row_of("hello")
    line = "".join(drawn.cell(column, row).data for column in range(COLUMNS + 1 + 15, 80))
    assert line.rstrip() == "hello"


@pytest.mark.parametrize("name", ["שלום 123", "مرحبا"])
def test_names_from_right_to_left_end_where_they_are_drawn(
    alice: Actor, stack: ExitStack, name: str
) -> None:
    """A terminal that reorders takes no border and no time for a part of them."""
    alice.receives(
        "<iq type='set' id='p'><query xmlns='jabber:iq:roster'>"
        f"<item jid='bob@example.org' name='{name}'/></query></iq>",
        f"<message from='bob@example.org/x' type='chat' id='b'><body>{name}</body></message>",
    )
    alice.looks_at(Jid.parse("bob@example.org"))
    drawn = stack.enter_context(closing(Drawn(alice, 80, 24)))
    drawn.shows("12:00")
    # In the sidebar, in the title, as author, as text.
    assert drawn.redraws().count(f"{name}{LRM}") == 4
