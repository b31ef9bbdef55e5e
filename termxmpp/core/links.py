"""Links in what people write: found, never followed here; of kinds that open no file."""

from __future__ import annotations

import re

__all__ = ["link_spans", "links"]

# Neither blanks nor quotes, nor what is not seen or turns the direction of writing.
_LINK = re.compile(
    "(?<![\\w])(?:https?://|xmpp:|mailto:|geo:)"
    '[^\\s<>"`\u201c\u201d\u00ab\u00bb\x00-\x20\x7f-\xa0\u061c\u180e\u200b-\u200f\u2028-\u202e'
    "\u2060-\u206f\ufeff\ud800-\udfff]+",
    re.IGNORECASE,
)

# Long enough for all that is a link; the rest would be somebody's game.
LONGEST = 4096

_CLOSING = {")": "(", "]": "[", "}": "{"}


def links(text: str) -> list[str]:
    """The links in `text`, each once, in their order: http, https, xmpp, mailto and geo."""
    return list(dict.fromkeys(text[start:end] for start, end in link_spans(text)))


def link_spans(text: str) -> list[tuple[int, int]]:
    """Where in `text` the links begin and end.

    The sign that ends a sentence is no part of one, nor is a bracket that was opened before it.
    """
    spans = []
    for found in _LINK.finditer(text):
        link = found[0]
        while link and (link[-1] in ".,;:!?'*_~" or _is_closed_outside(link)):
            link = link[:-1]
        has_more = not link.lower().endswith(("://", "xmpp", "mailto", "geo"))
        if has_more and len(link) <= LONGEST:
            spans.append((found.start(), found.start() + len(link)))
    return spans


def _is_closed_outside(link: str) -> bool:
    opening = _CLOSING.get(link[-1])
    return opening is not None and link.count(link[-1]) > link.count(opening)
