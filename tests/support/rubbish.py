"""Elements that look like a payload and may be none: whatever a peer may have put together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar
from xml.etree.ElementTree import Element

from hypothesis import strategies as st

from termxmpp.xmpp.payload import Payload

__all__ = ["reads", "rubbish"]

PayloadType = TypeVar("PayloadType", bound=Payload)

# What is nearly right, besides what nobody would think of.
NEARLY = [
    "",
    " ",
    "true",
    "1",
    "0",
    "-1",
    "9" * 5000,
    "x" * 1000,
    "@",
    "a@b/c",
    "\ud800",
    "{urn:x}y",
]
WORDS = st.one_of(st.sampled_from(NEARLY), st.text(max_size=10))


def rubbish(
    tag: str, attributes: Sequence[str] = (), children: Sequence[str] = ()
) -> st.SearchStrategy[Element]:
    """Elements called `tag`, with some of the `attributes` and `children`, and with others."""
    tags = st.sampled_from([*children, tag, "{urn:other}x", "bare"])
    names = st.sampled_from([*attributes, "other"])

    def element(
        tag: str, words: dict[str, str], text: str | None, within: list[Element]
    ) -> Element:
        made = Element(tag, words)
        made.text = text
        made.extend(within)
        return made

    def elements(
        tags: st.SearchStrategy[str], within: st.SearchStrategy[list[Element]]
    ) -> st.SearchStrategy[Element]:
        words = st.dictionaries(names, WORDS, max_size=4)
        return st.builds(element, tags, words, st.none() | WORDS, within)

    leaves = elements(tags, st.just([]))
    inner = st.recursive(
        leaves, lambda below: elements(tags, st.lists(below, max_size=3)), max_leaves=6
    )
    return elements(st.just(tag), st.lists(inner, max_size=3))


def reads(payload: type[PayloadType], element: Element) -> PayloadType | None:
    """What `payload` reads of `element`; None where it says that it is none."""
    try:
        return payload.from_xml(element)
    except ValueError:
        return None
