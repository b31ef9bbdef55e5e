"""The wire form of looking for rooms: XEP-0433."""

from __future__ import annotations

import re
from typing import Self
from xml.etree.ElementTree import Element

from termxmpp.core.jid import Jid
from termxmpp.core.room import FoundRoom
from termxmpp.values import dataclass
from termxmpp.xmpp.forms import Field, Form
from termxmpp.xmpp.paging import NS as RSM_NS
from termxmpp.xmpp.paging import Page
from termxmpp.xmpp.payload import Payload, payload

__all__ = ["SEARCH", "FoundPayload", "SearchPayload"]

SEARCH = "urn:xmpp:channel-search:0:search"
"""What an entity announces that looks for rooms, of others too (XEP-0433 §4.1)."""
PARAMETERS = "urn:xmpp:channel-search:0:search-params"
BY_USERS = "{urn:xmpp:channel-search:0:order}nusers"

_COUNT = re.compile(r"[0-9]{1,9}")


@dataclass(frozen=True)
class SearchPayload(Payload):
    """`<search/>`: look for rooms in which these `words` occur; without any for all."""

    words: str
    page: Page

    def as_xml(self) -> Element:
        search = Element(f"{{{SEARCH}}}search")
        search.append(self.page.as_xml())
        what = Field("q", values=(self.words,)) if self.words else Field("all", values=("true",))
        fields = (
            Field("FORM_TYPE", "hidden", (PARAMETERS,)),
            what,
            Field("types", values=("xep-0045",)),
            Field("key", values=(BY_USERS,)),
        )
        search.append(Form("submit", fields).as_xml())
        return search


@payload(f"{{{SEARCH}}}result")
@dataclass(frozen=True)
class FoundPayload(Payload):
    """`<result/>`: a page of what was found."""

    items: tuple[FoundRoom, ...] = ()
    page: Page | None = None

    @classmethod
    def from_xml(cls, element: Element) -> Self:
        found = []
        for each in element.iterfind(f"{{{SEARCH}}}item"):
            jid = Jid.parse_or_none(each.get("address"))
            if jid is None:
                continue
            count = (each.findtext(f"{{{SEARCH}}}nusers") or "").strip()
            found.append(
                FoundRoom(
                    jid,
                    (each.findtext(f"{{{SEARCH}}}name") or "").strip(),
                    (each.findtext(f"{{{SEARCH}}}description") or "").strip(),
                    int(count) if _COUNT.fullmatch(count) else None,
                )
            )
        return cls(tuple(found), _page(element))

    def as_xml(self) -> Element:
        return Element(f"{{{SEARCH}}}result")


def _page(element: Element) -> Page | None:
    found = element.find(f"{{{RSM_NS}}}set")
    return None if found is None else Page.from_xml(found)
