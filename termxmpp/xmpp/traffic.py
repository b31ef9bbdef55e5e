"""Which stanzas the console is to show: by their kind, their way, and what stands in them."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree.ElementTree import Element

from termxmpp.values import dataclass
from termxmpp.xmpp.secrets import shown
from termxmpp.xmpp.stanzas import as_text, in_lines

__all__ = ["KINDS", "WAYS", "Traffic"]

KINDS = ("message", "presence", "iq")
WAYS = ("in", "out")


@dataclass(frozen=True, slots=True)
class Traffic:
    """What is wanted; of what is left empty everything.

    A stanza is of one of the `kinds` and goes one of the `ways`; it holds each of the `words`,
    and none of the `unwanted`, in any case.
    """

    kinds: frozenset[str] = frozenset()
    ways: frozenset[str] = frozenset()
    words: tuple[str, ...] = ()
    unwanted: tuple[str, ...] = ()

    @classmethod
    def read(cls, words: Sequence[str]) -> Traffic:
        """What `words` want: kinds, ways, and else what is to stand in it, or with a `-` not to."""
        known = [word.casefold() for word in words if word.strip("-")]
        others = [word for word in known if word not in (*KINDS, *WAYS)]
        return cls(
            frozenset(word for word in known if word in KINDS),
            frozenset(word for word in known if word in WAYS),
            tuple(word for word in others if not word.startswith("-")),
            tuple(word.removeprefix("-") for word in others if word.startswith("-")),
        )

    def lines(self, element: Element, *, is_ours: bool) -> str:
        """How `element`, which came or is about to go, is shown; empty, if it is not wanted.

        It is a table of two columns, so that all lines of a stanza stand below its first.
        """
        kind = element.tag.rpartition("}")[2]
        way = "out" if is_ours else "in"
        if (self.kinds and kind not in self.kinds) or (self.ways and way not in self.ways):
            return ""
        if kind in self.unwanted or way in self.unwanted:
            return ""
        text = as_text(shown(element))
        held = text.casefold() if self.words or self.unwanted else ""
        unwanted = (word for word in self.unwanted if word not in (*KINDS, *WAYS))
        if not all(word in held for word in self.words) or any(word in held for word in unwanted):
            return ""
        before = f"{way:5}"
        return before + in_lines(shown(element)).replace("\n", f"\n{' ' * len(before)}")
