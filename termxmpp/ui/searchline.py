"""The line below the input in which the user's own lines are searched (`Ctrl-R`, vi's `/`)."""

from __future__ import annotations

from prompt_toolkit.application import get_app
from prompt_toolkit.buffer import Buffer
from prompt_toolkit.filters import Condition
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.layout import ConditionalContainer, SearchBufferControl, Window
from prompt_toolkit.layout.processors import BeforeInput
from prompt_toolkit.lexers import SimpleLexer
from prompt_toolkit.search import SearchDirection

from termxmpp.words import _

__all__ = ["SearchLine"]


class SearchLine:
    """`control` searches what it is linked to; `container` is there while it does."""

    def __init__(self) -> None:
        self.control = SearchBufferControl(
            Buffer(),
            input_processors=[BeforeInput(self._question)],
            lexer=SimpleLexer(style="class:search-toolbar.text"),
            ignore_case=True,
        )
        is_searching = Condition(lambda: self.control in get_app().layout.search_links)
        window = Window(self.control, height=1, style="class:search-toolbar")
        self.container = ConditionalContainer(window, is_searching)

    def _question(self) -> StyleAndTextTuples:
        is_back = self.control.searcher_search_state.direction is SearchDirection.BACKWARD
        words = _("Search back: ") if is_back else _("Search forward: ")
        return [("class:search-toolbar.prompt", words)]
