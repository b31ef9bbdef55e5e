"""Text from peers, made fit for a screen, and how many columns it takes there.

Whatever others wrote passes `visible` before it is shown: then no terminal finds anything to
obey in it, nothing in it is hidden, and no letter of any script is lost.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from wcwidth import iter_graphemes, wcwidth

__all__ = [
    "LRM",
    "continues",
    "expanded",
    "is_doubtful",
    "is_joinable",
    "kept_in_place",
    "one_line",
    "simple_emoji",
    "truncate",
    "visible",
    "width",
    "wrap",
]

# Stacked Tibetan and pointed Hebrew need up to six marks on a letter; more is a game with the
# lines above and below.
MARKS = 8

# A column needs no more code points: a flag of England has seven, a family of four seven.
POINTS_PER_COLUMN = 16

# Left-to-right mark: takes no column, and ends what is written from right to left.
LRM = "\u200e"

# Letters of scripts that are written from right to left (UAX #9: R and AL).
_RIGHT_TO_LEFT = re.compile(
    "[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]"
)

# What makes one emoji of several, on some terminals.
_JOINTS = re.compile("(?<=[\u203c-\U0001faff])\u200d|\ufe0f|[\U0001f3fb-\U0001f3ff]")

# Two letters of these are a flag, of two columns or four.
_LETTER = re.compile("[\U0001f1e6-\U0001f1ff]")
_TINT = re.compile("[\U0001f3fb-\U0001f3ff]")
_JOINED = re.compile("[\U0001f1e6-\U0001f1ff\U0001f3fb-\U0001f3ff\u200d]")

# What is drawn together, or is younger than some terminals are.
_DOUBTFUL = re.compile("[\u0300-\u036f\u0900-\u109f\u200d\u20e3\ufe0e\ufe0f\U0001f000-\U0010ffff]")

# As terminals and `less` have it.
TAB_COLUMNS = 8

# All that isn't a letter or a digit of some script: the fast path of a text is to have none.
# A flag made of tags (UTS #51, ED-14a) is one find. Four letters are blanks in disguise.
_DOUBTFUL = re.compile(
    "\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{3,6}\U000e007f"
    "|[^\\w -~\n\t]|[\u115f\u1160\u3164\uffa0]"
)

# What the Unicode charts print in place of a character that has no picture.
_ABBREVIATIONS = {
    "\u00ad": "SHY",
    "\u034f": "CGJ",
    "\u061c": "ALM",
    "\u180e": "MVS",
    "\u200b": "ZWSP",
    "\u200c": "ZWNJ",
    "\u200d": "ZWJ",
    "\u200e": "LRM",
    "\u200f": "RLM",
    "\u2028": "LSEP",
    "\u2029": "PSEP",
    "\u202a": "LRE",
    "\u202b": "RLE",
    "\u202c": "PDF",
    "\u202d": "LRO",
    "\u202e": "RLO",
    "\u2060": "WJ",
    "\u2066": "LRI",
    "\u2067": "RLI",
    "\u2068": "FSI",
    "\u2069": "PDI",
    "\ufeff": "ZWNBSP",
}

# Format characters that have a picture of their own: signs around Arabic and Kaithi numbers.
_PICTURED_FORMATS = frozenset(
    "\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd"
)

_INVISIBLE_MARKS = frozenset("\u034f\u17b4\u17b5")
_SELECTORS = re.compile("[\u180b-\u180d\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_MONGOLIAN = re.compile("[\u1820-\u18aa]")
_IDEOGRAPH = re.compile("[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003fffd]")

# Scripts in which joiners decide how letters connect: Arabic to Mandaic, India's, Myanmar's,
# Khmer, Mongolian, those of the islands, and Arabic's presentation forms.
_JOINING = re.compile(
    "[\u0620-\u08ff\u0900-\u0dff\u1000-\u109f\u1780-\u18af\u1a00-\u1bff\ua800-\ua8ff"
    "\ua930-\uaaff\uabc0-\uabff\ufb50-\ufdff\ufe70-\ufefc\U00010a00-\U00010a5f"
    "\U00011000-\U00011aff]"
)

# Assigned since, or kept for emoji (UTS #51) and ideographs: Python's tables may be older than
# the peer's font.
_RESERVED = re.compile("[\U0001f000-\U0001faff\U00020000-\U0002fffd\U00030000-\U0003fffd]")

_EMOJI_STYLES = "\ufe0e\ufe0f"
_SKINS = re.compile("[\U0001f3fb-\U0001f3ff]")

# These become pictures by a selector, though they are no symbols by category: keycaps and four.
_STYLED = frozenset("#*0123456789\u203c\u2049\u2139\u3030")


def visible(text: str, multiline: bool = True) -> str:
    """`text` with all that a terminal obeys, or a reader can't see, as visible symbols.

    Controls become their pictures (`␛`; those of C1 as escape sequences, which they stand
    for), bidi controls and invisible characters a label (`⟦RLO⟧`, `⟦U+E0041⟧`), and what is no
    character U+FFFD. Joiners and selectors stay where a script or an emoji needs them. Of more
    than MARKS combining marks in a row the others become `…`; one without a base gets `◌`.
    Line feeds stay, unless `multiline` is false, and so do tabs.

    The result goes through unchanged.
    """
    if text.isascii() and text.isprintable():
        return text
    text = text.replace("\r\n", "\n")
    if not multiline:
        text = text.replace("\n", "\u2424")
    shown: list[str] = []
    before, marks, place = "", 0, 0
    for found in _DOUBTFUL.finditer(text):
        if found.start() > place:
            shown.append(text[place : found.start()])
            before, marks = text[found.start() - 1], 0
        place = found.end()
        symbol = found[0]
        is_attached = _is_attached(symbol[-1])
        if len(symbol) == 1:
            marks += unicodedata.category(symbol)[0] == "M"
            symbol = _symbol(symbol, before, text[place : place + 1], marks)
        if symbol:
            shown.append(symbol)
            before = symbol[-1]
        if not is_attached or before == "⟧":
            marks = 0
    return "".join([*shown, text[place:]]) if place else text


def one_line(text: str, limit: int, sign: str = "…") -> str:
    """The visible form of `text` in one line of at most `limit` columns, without tabs.

    Where something was left out, `sign`, of one column, stands at its end.
    """
    beginning = text[: limit * POINTS_PER_COLUMN]
    shown = visible(beginning, multiline=False).replace("\t", " ")
    return truncate(shown if len(beginning) == len(text) else f"{shown}{sign}", limit, sign)


def width(text: str) -> int:
    """The columns that `text`, one visible line, takes.

    It is the sum over the code points, as prompt_toolkit counts (`get_cwidth`): a terminal
    may draw an emoji of several code points narrower, but where we and prompt_toolkit
    disagreed, all behind it would stand in the wrong place.
    """
    if text.isascii() and text.isprintable():
        return len(text)
    return sum(max(0, wcwidth(char)) for char in text)


def kept_in_place(text: str) -> str:
    """`text`, one visible line, so that what stands right of it stays there.

    Terminals that reorder (UAX #9) take blanks, borders and digits between words that are written
    from right to left, or behind one, for a part of them; a mark behind it ends that. Others show
    nothing of it.
    """
    if text.isascii() or not _RIGHT_TO_LEFT.search(text):
        return text
    return text + LRM


def is_joinable(text: str) -> bool:
    """Whether `text` may be part of an emoji that is narrower than its parts on some terminals."""
    return not text.isascii() and _JOINED.search(text) is not None


def continues(before: str, text: str) -> bool:
    """Whether `text` is one emoji with `before`, of which one or more parts were drawn."""
    if before.endswith("\u200d") or _TINT.match(text):
        return True
    return bool(_LETTER.fullmatch(before) and _LETTER.fullmatch(text))


def is_doubtful(text: str) -> bool:
    """Whether terminals may disagree about the columns that `text`, one visible line, takes."""
    return not text.isascii() and _DOUBTFUL.search(text) is not None


def simple_emoji(text: str) -> str:
    """Visible `text` with each emoji as the single ones that it is made of.

    How wide these are, all terminals agree; on joined, tinted and selected ones they do not.
    """
    return text if text.isascii() else _JOINTS.sub("", text)


def truncate(text: str, columns: int, sign: str = "…") -> str:
    """`text`, one visible line, or as much as fits into `columns` with `sign` behind it.

    That takes one column.
    """
    if (len(text) <= columns and text.isascii()) or width(text) <= columns:
        return text
    if columns < 1:
        return ""
    kept, room = [], columns - 1
    for cluster in iter_graphemes(text):
        room -= width(cluster)
        if room < 0:
            break
        kept.append(cluster)
    return "".join(kept) + sign


def wrap(text: str, columns: int) -> list[str]:
    """The lines of visible `text`, none wider than `columns`, broken between words.

    The spaces at a break are dropped, all others stay; tabs become spaces. Ideographs may be
    parted anywhere, words only where one fills more than a line, clusters (a letter with its
    marks, an emoji) never: a cluster that is wider than `columns` is a line of its own.
    """
    return [part for line in text.split("\n") for part in _wrap_line(expanded(line), columns)]


def _symbol(char: str, before: str, behind: str, marks: int) -> str:
    """What to show for `char` between `before`, as shown, and `behind`, as written.

    `marks` counts the combining marks in a row, `char` included.
    """
    category = unicodedata.category(char)
    match category:
        case "Cc":
            return _control(char)
        case "Mn" | "Mc" | "Me":
            return _mark(char, before, marks)
        case "Cf" if char not in _PICTURED_FORMATS:
            return char if _is_needed(char, before, behind) else _label(char)
        case "Zl" | "Zp" | "Lo":
            return _label(char)
        case "Cs" | "Co":
            return "\ufffd"
        case "Cn" if not _RESERVED.match(char):
            return "\ufffd"
    return char


def _control(char: str) -> str:
    point = ord(char)
    if point < 0x20:
        return chr(0x2400 + point)
    # ECMA-48 §5.3: a control of C1 is ESC and the character 0x40 below.
    return "␡" if point == 0x7F else f"␛{chr(point - 0x40)}"


def _label(char: str) -> str:
    return f"⟦{_ABBREVIATIONS.get(char) or f'U+{ord(char):04X}'}⟧"


def _mark(char: str, before: str, marks: int) -> str:
    if _SELECTORS.match(char):
        return char if _is_selected(before, char) else _label(char)
    if char in _INVISIBLE_MARKS:
        return _label(char)
    if before in ("", "\n", "\t"):
        return f"◌{char}"
    if marks > MARKS:
        return "…" if marks == MARKS + 1 else ""
    return char


def _is_selected(before: str, selector: str) -> bool:
    """Whether `selector` chooses a form of the character `before` (UAX #44, UTS #37, #51)."""
    if not before:
        return False
    if selector in _EMOJI_STYLES:
        return before in _STYLED or _is_pictographic(before)
    if selector < "\u1810":
        return _MONGOLIAN.match(before) is not None
    return _IDEOGRAPH.match(before) is not None


def _is_needed(joiner: str, before: str, behind: str) -> bool:
    """Whether `joiner` does what it is for: form letters or join emoji (UAX #31 A1, A2, B)."""
    if joiner not in "\u200c\u200d" or not before:
        return False
    if _JOINING.match(before):
        return True
    is_emoji = before == "\ufe0f" or _is_pictographic(before)
    return joiner == "\u200d" and is_emoji and behind != "" and _is_pictographic(behind)


def _is_pictographic(char: str) -> bool:
    """Whether `char` may be an emoji: a symbol, or reserved for one, or a colour of skin."""
    is_symbol = unicodedata.category(char) in ("So", "Sm")
    return is_symbol or _SKINS.match(char) is not None or "\U0001f000" <= char <= "\U0001faff"


def _is_attached(char: str) -> bool:
    """Whether `char` belongs to the letter before it, as marks and joiners do."""
    return char in "\u200c\u200d" or unicodedata.category(char)[0] == "M"


def _wrap_line(line: str, columns: int) -> list[str]:
    if width(line) <= columns:
        return [line]
    lines: list[str] = []
    current, used = "", 0
    for piece in _pieces(line, columns):
        size = width(piece)
        if used + size <= columns:
            current, used = current + piece, used + size
            continue
        if current.strip(" "):
            lines.append(current.rstrip(" "))
        current, used = (piece, size) if piece.strip(" ") else ("", 0)
    return [*lines, current] if current or not lines else lines


def _pieces(line: str, columns: int) -> Iterator[str]:
    """What may not be parted: runs of spaces, words, ideographs; of long words the clusters."""
    for run in re.findall(" +|[^ ]+", line):
        for word in [run] if run.isascii() else _words(run):
            if width(word) <= columns or not word.strip(" "):
                yield word
            else:
                yield from _filled(word, columns)


def _words(run: str) -> Iterator[str]:
    """The parts of `run`, which has no spaces: each ideograph, with the signs behind it."""
    word = ""
    for cluster in iter_graphemes(run):
        if word and cluster[0].isalnum() and (_is_wide(cluster) or _is_wide(word)):
            yield word
            word = ""
        word += cluster
    yield word


def _is_wide(word: str) -> bool:
    return word[0].isalpha() and wcwidth(word[0]) == 2


def _filled(word: str, columns: int) -> Iterator[str]:
    """`word` in parts that fill a line each, the last one as far as it goes."""
    part, used = "", 0
    for cluster in iter_graphemes(word):
        size = width(cluster)
        if part and used + size > columns:
            yield part
            part, used = "", 0
        part, used = part + cluster, used + size
    yield part


def expanded(line: str) -> str:
    """`line`, one visible line, with spaces up to the next stop for each tab."""
    first, *others = line.split("\t")
    parts, column = [first], width(first)
    for other in others:
        gap = TAB_COLUMNS - column % TAB_COLUMNS
        parts.append(" " * gap + other)
        column += gap + width(other)
    return "".join(parts)
