"""What part of each window's conversation is looked at, and which of its messages is selected.

A window is at its end, or is anchored to an entry that stays where it is on the screen. Looking
further back takes older messages from the records, and asks the archive for more.
"""

from __future__ import annotations

from collections.abc import Callable, Set

from termxmpp.core.conversation import Conversation
from termxmpp.core.links import links
from termxmpp.core.message import Message
from termxmpp.core.text import width
from termxmpp.ui.blank import blank_lines
from termxmpp.ui.entries import Line, Look
from termxmpp.ui.hyperlinks import href
from termxmpp.ui.skin import Skin
from termxmpp.ui.timeline import Anchor, Layout, Timeline, View, rule
from termxmpp.words import _, ngettext
from termxmpp.workspace import Window, Workspace

__all__ = ["Viewport"]

# Looking for the beginning of a day takes so many pages from the records at most.
PAGES_OF_A_DAY = 5

# A piece of so many characters is enough to know a link by.
FEWEST = 4


class Viewport:
    """The look at the windows of `workspace`, in the skin that `skin` returns.

    `on_change` is called when another part is looked at.
    """

    def __init__(
        self, workspace: Workspace, on_change: Callable[[], None], skin: Callable[[], Skin]
    ) -> None:
        self._workspace = workspace
        self._on_change = on_change
        self._skin = skin
        self._timeline = Timeline(lambda: workspace.current.client.state, skin)
        self._anchors: dict[Window, Anchor] = {}
        # How often a command has led to another part of the conversation.
        self.jumps = 0
        self._columns, self._rows = 80, 20
        self._view = View([], [], None, 0, True, True)
        self._viewed: Window | None = None

    # Drawing.

    def lines(self, columns: int, rows: int) -> list[Line]:
        """The `rows` lines of the conversation looked at, the newest below."""
        self._columns, self._rows = columns, rows
        here = self._workspace.current
        self._let_go(here)
        anchor = self._anchors.get(here)
        selected = self._workspace.selected.get(here)
        layout = self._layout(is_back=anchor is not None)
        view = layout.view(rows, anchor, selected)
        mark = self._mark(here, view) if anchor is not None else None
        if mark is not None:
            view = layout.view(rows - 1, anchor, selected)
        self._view, self._viewed = view, here
        blank: Line = [("", "")]
        if not here.shown.entries and not view.lines:
            return blank_lines(self._workspace, columns, rows, self._begin_words(here))
        shown = [blank] * (rows - len(view.lines) - (mark is not None)) + view.lines
        return shown if mark is None else [*shown, mark]

    def key_at(self, row: int) -> int | None:
        """The key of the entry that the line at `row` of the screen belongs to."""
        line = self._line_of(row)
        return self._view.keys[line] if 0 <= line < len(self._view.keys) else None

    def message_at(self, row: int) -> Message | None:
        """The message that the line at `row` of the screen belongs to."""
        key = self.key_at(row)
        return self._workspace.current.shown.message(key) if key is not None else None

    def link_at(self, row: int, column: int) -> str:
        """The link that is drawn there, or empty; its parts in several lines are all of it."""
        message = self.message_at(row)
        if message is None:
            return ""
        line = self._view.lines[self._line_of(row)]
        shared = _shared_at(line, column, message)
        if shared:
            return shared
        shown = "".join(fragment[1] for fragment in line)
        at, used = 0, 0
        while at < len(shown) and used + width(shown[at]) <= column:
            used += width(shown[at])
            at += 1
        if at >= len(shown) or shown[at].isspace():
            return ""
        begin = max(shown.rfind(blank, 0, at) for blank in " \xa0") + 1
        part = shown[begin:].split(maxsplit=1)[0].strip("<>()[]\"'.,;:!?")
        found = links(message.text)
        return next((link for link in found if len(part) >= FEWEST and part in link), "")

    def _line_of(self, row: int) -> int:
        return row - (self._rows - len(self._view.keys) - self._has_mark)

    # Moving.

    @property
    def is_at_end(self) -> bool:
        """Whether the newest entry of the window looked at is seen, and each that comes."""
        return self._workspace.current not in self._anchors

    @property
    def page(self) -> int:
        """How many lines a page scrolls: something of it stays."""
        return max(1, self._rows - 2)

    def scroll(self, lines: int) -> None:
        """Look `lines` further back, or with less than zero further on."""
        anchor = self._anchors.get(self._workspace.current)
        if lines > 0:
            # One line tells what is below from now on.
            lines += anchor is None
            anchor = self._load_above(anchor, self._rows + lines)
        elif anchor is None:
            return
        else:
            self._load_below(anchor, -lines)
        self._set(self._layout().moved(anchor, lines))

    def to_beginning(self) -> None:
        """Look at the beginning of what is at hand."""
        self._set(self._layout().beginning(self._rows - 1))

    def to_end(self) -> None:
        """Look at the newest entry again, and select nothing."""
        here = self._workspace.current
        self._workspace.selected.pop(here, None)
        self._anchors.pop(here, None)
        self._workspace.set_at_end(is_at_end=True)
        self._on_change()

    def day_before(self) -> None:
        """Look at the beginning of the day that is at the top, or of the one before."""
        for _page in range(PAGES_OF_A_DAY):
            place = self._top_place()
            found = self._layout().day_before(place) if place is not None else None
            if found is not None or not self._workspace.load_older():
                break
        self._set(self._layout().beginning(self._rows - 1, found or 0))

    def day_behind(self) -> None:
        """Look at the beginning of the next day, or at the end."""
        place = self._top_place()
        found = self._layout().day_behind(place) if place is not None else None
        if found is not None:
            self._set(self._layout().beginning(self._rows - 1, found))
        elif self._workspace.load_newer():
            self.day_behind()
        else:
            self.to_end()

    # Selecting.

    @property
    def selected(self) -> Message | None:
        """The message that is selected in the window looked at."""
        here = self._workspace.current
        key = self._workspace.selected.get(here)
        return here.shown.message(key) if key is not None else None

    def select_next(self, step: int) -> None:
        """Select the message before (-1) or behind (1) the selected one; at first the newest seen.

        Behind the newest one nothing is selected any more.
        """
        here = self._workspace.current
        selected = self._workspace.selected.get(here)
        place = here.shown.place_of(selected) if selected is not None else None
        if place is None:
            found = self._newest_seen(here.shown) if step < 0 else None
        else:
            found = _next_message(here.shown, place, step)
            if found is None and step < 0 and self._workspace.load_older():
                self.select_next(step)
                return
            if found is None and step > 0 and self._workspace.load_newer():
                self.select_next(step)
                return
        if found is not None:
            self.select(found)
        elif step > 0 and place is not None:
            self.to_end()

    def select(self, key: int, *, is_centred: bool = False) -> None:
        """Select the message `key`, which is at hand, and look where it is."""
        here = self._workspace.current
        self._workspace.selected[here] = key
        # What was told before was about another one.
        self._workspace.problem = ""
        layout, before = self._layout(), self._anchors.get(here)
        if is_centred:
            self._set(layout.centred(key, self._rows))
        elif layout.with_whole(key, self._rows_of(layout, before), before) == before:
            self._set(before or layout.view(1).anchor)
        else:
            self._set(layout.with_whole(key, self._rows - 1, before))

    def reveal(self, key: int) -> None:
        """Show what the author of the message `key` has hidden (XEP-0382), or hide it again."""
        self._workspace.reveal(key)
        self._on_change()

    def mark(self, words: str) -> None:
        """Mark each of `words` wherever it stands; with none, nothing any more."""
        self._timeline.words = tuple(words.split())
        self._on_change()

    def unselect(self) -> None:
        """Select nothing any more; what is looked at stays."""
        here = self._workspace.current
        if self._workspace.selected.pop(here, None) is not None:
            anchor = self._anchors.get(here)
            if anchor is not None:
                self._set(anchor)

    def look_at(self, key: int) -> bool:
        """Select the message `key` of the window looked at, wherever it is; False if nowhere."""
        here = self._workspace.current
        if here.peer is None or not here.client.recall.show_past(here.peer, key):
            return False
        self.select(key, is_centred=True)
        return True

    def look_from(self, key: int) -> None:
        """Look at the window from the message `key` on, which stands at the top then."""
        here = self._workspace.current
        if here.peer is None or not here.client.recall.show_past(here.peer, key):
            return
        self.jumps += 1
        self._workspace.selected.pop(here, None)
        place = here.shown.place_of(key)
        self._set(self._layout().beginning(self._rows - 1, place or 0))

    # Going back.

    def place(self) -> tuple[Window, int | None]:
        """Where one is: the window, and the entry at the bottom, None at the end."""
        here = self._workspace.current
        anchor = self._anchors.get(here)
        return here, anchor.key if anchor is not None else None

    def return_to(self, place: tuple[Window, int | None]) -> None:
        """Look again at what `place` told."""
        window, key = place
        self.to_end()
        if window not in self._workspace.windows:
            return
        self._workspace.show(window)
        if (
            window.peer is None
            or key is None
            or not window.client.recall.show_past(window.peer, key)
        ):
            self.to_end()
            return
        self._workspace.selected.pop(window, None)
        self._set(Anchor(key))

    def _set(self, anchor: Anchor | None) -> None:
        """Let `anchor` be at the bottom; at the end nothing is, unless a message is selected.

        Then what comes does not move what is selected, and is not seen.
        """
        here = self._workspace.current
        view = self._layout().view(self._rows - 1, anchor)
        anchor = view.anchor if anchor is not None else None
        is_at_end = anchor is None or (view.is_at_end and not here.shown.has_newer)
        if anchor is None or (is_at_end and here not in self._workspace.selected):
            self._anchors.pop(here, None)
        else:
            self._anchors[here] = anchor
        self._workspace.set_at_end(is_at_end=here not in self._anchors)
        self._on_change()

    def _let_go(self, here: Window) -> None:
        """What is not there any more is not selected, nor is the look anchored to it."""
        shown = here.shown
        selected, anchor = self._workspace.selected.get(here), self._anchors.get(here)
        if selected is not None and shown.place_of(selected) is None:
            del self._workspace.selected[here]
        if anchor is not None and shown.place_of(anchor.key) is None:
            seen = self._view.keys if here == self._viewed else []
            left = (key for key in reversed(seen) if shown.place_of(key) is not None)
            nearest = next(left, None)
            self._set(Anchor(nearest) if nearest is not None else None)

    def _layout(self, *, is_back: bool = True) -> Layout:
        """The lines of the window looked at; at its end nothing is said about its beginning."""
        here = self._workspace.current
        gaps = here.client.state.failed_gaps(here.peer)
        top = self._top_words(here) if is_back else ""
        opened: Set[int] = self._workspace.opened.get(here, frozenset())
        return self._timeline.layout(here.shown, self._columns, gaps, top, opened)

    def _load_above(self, anchor: Anchor | None, lines: int) -> Anchor | None:
        """Have at least `lines` lines at hand above `anchor`, if there are so many.

        Where it is a notice, and those are not at hand any more, it is the message before.
        """
        while self._layout().above(anchor, lines) < lines:
            shown = self._workspace.current.shown
            place = shown.place_of(anchor.key) if anchor is not None else None
            before = _next_message(shown, place + 1, -1) if place is not None else None
            if not self._workspace.load_older():
                break
            shown = self._workspace.current.shown
            if anchor is not None and before is not None and shown.place_of(anchor.key) is None:
                anchor = Anchor(before)
        return anchor

    def _load_below(self, anchor: Anchor, lines: int) -> None:
        shown = self._workspace.current.shown
        while shown.has_newer and self._layout().moved(anchor, -lines) == self._last(shown):
            if not self._workspace.load_newer():
                return
            shown = self._workspace.current.shown

    def _last(self, shown: Conversation) -> Anchor:
        return Anchor(shown.entries[-1].key)

    def _top_place(self) -> int | None:
        """The place of the entry at the top of the screen."""
        here = self._workspace.current
        view = self._layout().view(self._rows - 1, self._anchors.get(here))
        return here.shown.place_of(view.keys[0]) if view.keys and view.anchor else None

    def _newest_seen(self, shown: Conversation) -> int | None:
        """The last message that is seen, or that is at hand."""
        for key in reversed(self._view.keys):
            if shown.message(key) is not None:
                return key
        return _next_message(shown, len(shown.entries), -1)

    def _top_words(self, here: Window) -> str:
        """What stands above the first entry that is at hand."""
        if here.peer is None or here.shown.has_older:
            return ""
        return self._begin_words(here) or _("this is the beginning of what is here")

    def _begin_words(self, here: Window) -> str:
        """Where older messages are than those that are here; empty where there are none."""
        gap = here.client.state.past_gap(here.peer) if here.peer is not None else None
        if gap is None or gap.problem:
            return ""
        if here.client.is_online:
            return _("older messages are being fetched")
        return _("there are older messages on the server")

    def _rows_of(self, layout: Layout, anchor: Anchor | None) -> int:
        """How many lines of the conversation are seen above `anchor`, drawn already or not."""
        mark = self._mark(self._workspace.current, layout.view(self._rows, anchor))
        return self._rows - (anchor is not None and mark is not None)

    @property
    def _has_mark(self) -> bool:
        here = self._workspace.current
        return here in self._anchors and self._mark(here, self._view) is not None

    def _mark(self, here: Window, view: View) -> Line | None:
        """The line that tells what is below the screen; None where nothing is."""
        if here.shown.has_newer:
            words = _("newer messages below")
        elif view.newer:
            words = ngettext(
                "{count} newer message below", "{count} newer messages below", view.newer
            ).format(count=view.newer)
        else:
            return None
        symbols, unread, room = self._skin().symbols, here.conversation.unread, self._columns - 5
        told = [f"{symbols.below} {words}"]
        if unread:
            count = ngettext("{count} unread", "{count} unread", unread).format(count=unread)
            told = [f"{symbols.below} {words}, {count}", f"{symbols.below} {count}", *told]
        ways = (symbols.separated(each, "alt-end") for each in told)
        fitting = (each for each in ways if width(each) <= room)
        words = next(fitting, symbols.truncated(told[-1], max(1, room)))
        return rule(words, "below", Look(self._columns, self._skin()))


def _next_message(shown: Conversation, place: int, step: int) -> int | None:
    """The key of the next message from `place` on, not counting notices."""
    place += step
    while 0 <= place < len(shown.entries):
        entry = shown.entries[place]
        if isinstance(entry, Message):
            return entry.key
        place += step
    return None


def _shared_at(line: Line, column: int, message: Message) -> str:
    """The link of the file of `message` that is told there, if one is."""
    used = 0
    for style, text, *_others in line:
        used += width(text)
        if column < used:
            words = style.split()
            return next((file.url for file in message.files if href(file.url) in words), "")
    return ""
