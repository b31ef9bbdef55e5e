"""How one entry of a conversation looks: pure, lines of styled text for a number of columns.

What a peer wrote stands right of a column that only we draw in, and has passed `visible`: it
can look like nothing but text.
"""

from __future__ import annotations

import re
from datetime import timedelta
from itertools import repeat
from typing import Protocol

from termxmpp.core.files import file_words, has_only_links
from termxmpp.core.jid import Jid
from termxmpp.core.matter import matter_words
from termxmpp.core.message import Fate, Mark, Message, Notice, Reaction, Reply
from termxmpp.core.picture import Picture
from termxmpp.core.text import kept_in_place, one_line, visible, width, wrap
from termxmpp.ui.halfblocks import PICTURE_DEPTH, half_blocks
from termxmpp.ui.hyperlinks import href
from termxmpp.ui.lines import Line
from termxmpp.ui.richtext import painted
from termxmpp.ui.skin import Skin
from termxmpp.ui.theme import Symbols
from termxmpp.values import dataclass
from termxmpp.words import _

__all__ = ["Entry", "Line", "Look", "People", "draw"]

Entry = Message | Notice

TIME_COLUMNS = 6
AUTHOR_COLUMNS = 12

# Under so many columns the authors have only so many: the text needs them more.
NARROW, NARROW_AUTHOR_COLUMNS = 70, 9

# From so many columns on there is room for long nicks.
WIDE, WIDE_AUTHOR_COLUMNS = 120, 18

# What is behind a message may take so many columns: a blank and a mark.
MARK_COLUMNS = 3

# Messages of one author so close together are one utterance.
TOGETHER = timedelta(minutes=5)

# Of what somebody reacts with, as much is shown as an emoji takes, or a short word.
EMOJI_COLUMNS = 12

# Behind a symbol, it makes a picture of it (UTS #51).
EMOJI_STYLE = "\ufe0f"

# What stands before the last column of a row of a table, such as `/help` prints, or is a sign
# before all of it.
_GAP = re.compile(r" *[^\w\s] (?=\S)| *(?:\S.*?)?  +(?=\S)")


class People(Protocol):
    """What to call those who write; `State` knows."""

    def author_of(self, message: Message) -> str:
        """Who wrote `message`."""
        ...

    def name_of(self, jid: Jid) -> str:
        """`jid`, as it is called in the conversation that it writes in; us by our own."""
        ...


@dataclass(frozen=True, slots=True)
class Look:
    """What lines depend on besides their entries: how wide they are, and how they look.

    `words` are marked in what others and we have written.
    """

    columns: int
    skin: Skin
    words: tuple[str, ...] = ()

    @property
    def author_columns(self) -> int:
        if self.columns >= WIDE:
            return WIDE_AUTHOR_COLUMNS
        return AUTHOR_COLUMNS if self.columns >= NARROW else NARROW_AUTHOR_COLUMNS

    @property
    def room(self) -> int:
        """How many columns are left for what is said."""
        return max(8, self.columns - TIME_COLUMNS - self.author_columns - 1)


def draw(
    entry: Entry, before: Entry | None, look: Look, people: People, *, is_open: bool = False
) -> list[Line]:
    """The lines of `entry`, which stands below `before`.

    Of what its author has hidden (XEP-0382) the hint is shown, unless it `is_open`.
    """
    if isinstance(entry, Notice):
        return _notice(entry, before, look)
    return _message(entry, before, look, people, is_open=is_open)


def _message(
    message: Message, before: Entry | None, look: Look, people: People, *, is_open: bool
) -> list[Line]:
    is_together = (
        isinstance(before, Message)
        and message.reply is None
        and _writer(before) == _writer(message)
        and before.is_own == message.is_own
        and before.hats == message.hats
        and abs(message.at - before.at) < TOGETHER
    )
    symbols = look.skin.symbols
    who = _("you") if message.is_own else symbols.one_line(people.author_of(message), 60)
    author = "" if is_together else who
    style = "class:text.own" if message.is_own else "class:text.peer"
    text = visible(message.text)
    if text.startswith("/me ") and not message.is_retracted:
        # "you looks up" is no sentence.
        nick = message.author.resource if message.is_groupchat else message.author.local
        doer = nick if message.is_own else who
        author, text, style = symbols.action, f"{doer} {text[4:]}", "class:action"
    sign, body = _body(message, text, style, look, is_open=is_open)
    if not sign and author == who and message.hats:
        sign = symbols.hat
    time = _minute(message)
    if is_together and before is not None and time == _minute(before):
        time = ""
    lines: list[Line] = [
        [
            ("class:time", _padded(time if not number else "", TIME_COLUMNS)),
            *_author(message, author if not number else "", sign if not number else "", look),
            *fragments,
        ]
        for number, fragments in enumerate(body)
    ]
    is_shown = message.spoiler is None or is_open
    if message.matter is not None and is_shown and _has_body(message):
        lines += [
            [*_side(look, symbols.notice if not number else " ", "class:retracted"), *fragments]
            for number, fragments in enumerate(_matter(message, look))
        ]
    if message.fate is not None:
        lines[-1].append((_fate_style(message.fate), f" {_mark(message.fate, symbols)}"))
    if look.skin.depth >= PICTURE_DEPTH:
        for picture in message.pictures if is_shown else ():
            lines += [
                [_margin(look), *row] for row in half_blocks(picture, look.room, symbols.half)
            ]
    if message.reason:
        style = "class:reason" if message.fate is Fate.FAILED else "class:fate"
        lines += [
            [_margin(look), (style, line)]
            for line in wrap(symbols.one_line(message.reason, 500), look.room)
        ]
    if message.reply is not None and not message.is_retracted:
        lines.insert(0, _reply(message.reply, look, people))
    if message.reactions and not message.is_retracted:
        lines += _reactions(message.reactions, look)
    return lines


def _body(
    message: Message, text: str, style: str, look: Look, *, is_open: bool
) -> tuple[str, list[Line]]:
    """The sign in the column before what is said, and the lines of that."""
    symbols = look.skin.symbols
    room = look.room - MARK_COLUMNS
    if message.is_retracted:
        words = _("You retracted this.") if message.is_own else _("This was retracted.")
        return symbols.notice, [[("class:retracted", line)] for line in wrap(words, room)]
    if message.spoiler is not None and not is_open:
        hint = symbols.one_line(message.spoiler, 200)
        words = _("hidden: {hint}").format(hint=hint) if hint else _("hidden by its author")
        return symbols.hidden, [[("class:spoiler", line)] for line in wrap(words, room)]
    sign = symbols.edited if message.edits else ""
    if message.is_mention and not message.is_own:
        sign, style = symbols.mention, f"{style} class:mention"
    if not _has_body(message):
        # With a sign of ours before it, no text can pass for it (XEP-0380 §6).
        return sign or symbols.notice, _matter(message, look)
    body: list[Line] = []
    if not has_only_links(message.text, message.files):
        painting = painted(text, room, style, symbols, look.words, is_unstyled=message.is_unstyled)
        body = painting or [[(style, "")]]
    body += _files(message, room)
    if message.subject:
        subject = wrap(symbols.one_line(message.subject, 200), room)
        body[:0] = [[("class:subject", line)] for line in subject]
    if message.edits and sign == symbols.mention:
        # Its own column is taken; behind the text it is of another colour than that.
        body[-1].append(("class:edited", f" {symbols.edited}"))
    return sign, body


def _has_body(message: Message) -> bool:
    """Whether it says something by itself, besides what our words tell of it."""
    return message.matter is None or bool(message.text or message.files or message.subject)


def _matter(message: Message, look: Look) -> list[Line]:
    """What it holds that is no text, in words of ours."""
    if message.matter is None:
        return []
    words = look.skin.symbols.one_line(matter_words(message.matter, is_own=message.is_own), 500)
    return [[("class:retracted", line)] for line in wrap(words, look.room - MARK_COLUMNS)]


def _files(message: Message, room: int) -> list[Line]:
    """A line for each file that is shared, as a link to it."""
    return [
        [(f"class:link {href(file.url) if file.url else ''}".strip(), row)]
        for file in message.files
        for row in wrap(kept_in_place(file_words(file)), room)
    ]


def _author(message: Message, author: str, sign: str, look: Look) -> Line:
    """The columns before what is said: who says it, and a sign in the last but one."""
    columns, symbols = look.author_columns, look.skin.symbols
    style = "class:author.own" if message.is_own else "class:author.peer"
    if author and not message.is_own and author != symbols.action:
        # The own one stands out, and needs no other colour in each room.
        style = f"{style} {look.skin.nick(_identity(message))}"
    if not sign:
        return [(style, _padded(kept_in_place(symbols.truncated(author, columns - 1)), columns))]
    name = kept_in_place(symbols.truncated(author, columns - 3))
    behind = (_sign_style(sign, symbols), f"{sign} ")
    if sign != symbols.hat:
        return [(style, _padded(name, columns - 2)), behind]
    hats = _padded(_hats(message, columns - 3 - width(name)), columns - 2 - width(name))
    return [(style, name), ("class:hat", hats), behind]


def _hats(message: Message, columns: int) -> str:
    """As many hats of the author as there is room for, behind the nick.

    Anybody can have a nick that looks like that; the sign in our own column is before whom the
    room says it of.
    """
    shown = ""
    for hat in map(one_line, message.hats, repeat(60)):
        longer = f"{shown},{hat}" if shown else f" {hat}"
        if width(longer) > columns:
            break
        shown = longer
    return kept_in_place(shown)


def _sign_style(sign: str, symbols: Symbols) -> str:
    styles = {
        symbols.edited: "class:edited",
        symbols.mention: "class:mention-sign",
        symbols.hidden: "class:spoiler",
        symbols.notice: "class:retracted",
        symbols.hat: "class:hat",
    }
    return styles[sign]


def _identity(message: Message) -> str:
    """What the colour of an author is made from (XEP-0392): in a room the nick."""
    return message.author.resource if message.is_groupchat else str(message.author.bare)


def _fate_style(fate: Fate) -> str:
    return f"class:fate class:fate.{fate.name.lower()}"


def _mark(fate: Fate, symbols: Symbols) -> str:
    marks = {
        Fate.QUEUED: symbols.queued,
        Fate.SENT: symbols.sent,
        Fate.ACKNOWLEDGED: symbols.acknowledged,
        Fate.FAILED: symbols.failed,
        Fate.RECEIVED: symbols.received,
        Fate.READ: symbols.read,
    }
    return marks[fate]


def _reply(reply: Reply, look: Look, people: People) -> Line:
    """What is answered, in one line above, tied to the answer by a corner in our own column."""
    symbols = look.skin.symbols
    name = symbols.one_line(people.name_of(reply.author), 40) if reply.author is not None else ""
    before = f"{name}: " if name else ""
    quoted = symbols.one_line(reply.text.strip(), 400) or _("a message that is not here")
    room = look.room - MARK_COLUMNS
    before = symbols.truncated(before, max(0, room - 8))
    return [
        *_side(look, symbols.reply, "class:reply"),
        ("class:reply.author", kept_in_place(before)),
        ("class:reply", kept_in_place(symbols.truncated(quoted, room - width(before)))),
    ]


def _reactions(reactions: tuple[Reaction, ...], look: Look) -> list[Line]:
    """Each emoji with how many have reacted by it; those of ours are underlined."""
    symbols = look.skin.symbols
    lines: list[Line] = []
    used = 0
    for reaction in reactions:
        if not reaction.by:
            continue
        emoji = symbols.one_line(reaction.emoji, EMOJI_COLUMNS)
        if emoji.endswith(EMOJI_STYLE):
            # Wider than it is counted, on most terminals.
            emoji += " "
        words = f"{emoji} {len(reaction.by)}"
        if not lines or used + 2 + width(words) > look.room:
            sign = symbols.reactions if not lines else " "
            lines.append(_side(look, sign, "class:reaction"))
            used = 0
        else:
            lines[-1].append(("class:reaction", "  "))
            used += 2
        style = "class:reaction class:reaction.own" if reaction.is_own else "class:reaction"
        lines[-1].append((style, words))
        used += width(words)
    return lines


def _margin(look: Look) -> tuple[str, str]:
    return "", " " * (TIME_COLUMNS + look.author_columns)


def _side(look: Look, sign: str, style: str) -> Line:
    """The columns before what is said, with `sign` in the last but one."""
    blank = " " * (TIME_COLUMNS + look.author_columns - 2)
    return [("", blank), (style, f"{sign} ")]


def _writer(message: Message) -> Jid:
    """Who wrote `message`, on whichever device; in a room that is an occupant."""
    return message.author if message.is_groupchat else message.author.bare


def _minute(entry: Entry) -> str:
    return f"{entry.at.astimezone():%H:%M}"


def _notice(notice: Notice, before: Entry | None, look: Look) -> list[Line]:
    style = "class:notice.error" if notice.is_error else "class:notice"
    room = max(8, look.columns - TIME_COLUMNS - 3)
    lines = [line for part in visible(notice.text).split("\n") for line in _hanging(part, room)]
    symbols = look.skin.symbols
    mark = symbols.marked(Mark.WRONG if notice.is_error else notice.mark)
    is_told = (
        isinstance(before, Notice)
        and abs(notice.at - before.at) < TOGETHER
        and _minute(before) == _minute(notice)
    )
    time = "" if is_told else _minute(notice)
    drawn: list[Line] = [
        [
            ("class:time", _padded(time if not number else "", TIME_COLUMNS)),
            (style, f"{mark if not number else ' '} {line}"),
        ]
        for number, line in enumerate(lines)
    ]
    if notice.picture is not None and notice.picture.width <= room:
        drawn += _below(notice.picture, look)
    return drawn


def _below(picture: Picture, look: Look) -> list[Line]:
    """The picture of a notice, where there are the colours for it."""
    margin = " " * (TIME_COLUMNS + 2)
    room = max(8, look.columns - len(margin))
    if look.skin.depth < PICTURE_DEPTH:
        words = _("(This terminal has not the colours for a picture.)")
        return [[("class:notice", f"{margin}{line}")] for line in wrap(words, room)]
    return [[("", margin), *row] for row in half_blocks(picture, room, look.skin.symbols.half)]


def _hanging(row: str, columns: int) -> list[str]:
    """`row` wrapped to `columns`; a row of a table goes on below where its last part begins."""
    gap = _GAP.match(row)
    if not gap or width(row) <= columns:
        return wrap(row, columns) or [""]
    indent = width(gap[0])
    if indent > columns // 2:
        # There is no room beside the other columns.
        below = wrap(row[gap.end() :], max(1, columns - 2))
        head = re.sub("(?<=[^ ])  +", "  ", gap[0].rstrip())
        return [*wrap(head, columns), *(f"  {line}" for line in below)]
    first, *rest = wrap(row[gap.end() :], columns - indent)
    return [gap[0] + first, *(" " * indent + line for line in rest)]


def _padded(text: str, columns: int) -> str:
    return text + " " * max(0, columns - width(text))
