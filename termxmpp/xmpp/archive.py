"""A question to an archive of messages, and what it answers (XEP-0313)."""

from __future__ import annotations

import contextlib
from typing import Self
from xml.etree.ElementTree import Element, SubElement

from termxmpp.core.archive import ARCHIVE as NS
from termxmpp.values import dataclass
from termxmpp.xmpp.forwarding import Forwarded
from termxmpp.xmpp.paging import NS as RSM_NS
from termxmpp.xmpp.paging import Page
from termxmpp.xmpp.payload import Payload, payload

__all__ = ["FinPayload", "QueryPayload", "ResultPayload"]

FORM_NS = "jabber:x:data"
FORWARDED_TAG = "{urn:xmpp:forward:0}forwarded"


@payload(f"{{{NS}}}query")
@dataclass(frozen=True)
class QueryPayload(Payload):
    """`<query/>`: a question to the archive; what follows `after_id` only, if that is given."""

    query_id: str
    page: Page
    after_id: str = ""

    @classmethod
    def from_xml(cls, element: Element) -> Self:
        raise ValueError("nobody may ask us")

    def as_xml(self) -> Element:
        query = Element(f"{{{NS}}}query", {"queryid": self.query_id})
        if self.after_id:
            form = SubElement(query, f"{{{FORM_NS}}}x", {"type": "submit"})
            for name, value, kind in (("FORM_TYPE", NS, "hidden"), ("after-id", self.after_id, "")):
                item = SubElement(form, f"{{{FORM_NS}}}field", {"var": name})
                if kind:
                    item.set("type", kind)
                SubElement(item, f"{{{FORM_NS}}}value").text = value
        query.append(self.page.as_xml())
        return query


@payload(f"{{{NS}}}result")
@dataclass(frozen=True)
class ResultPayload(Payload):
    """`<result/>`: one archived message, of the question `query_id`, and its archive id.

    Where the message can't be read, or was taken out of the archive (§3.2), there is none.
    """

    query_id: str
    id: str
    forwarded: Forwarded | None

    @classmethod
    def from_xml(cls, element: Element) -> Self:
        if not element.get("id"):
            raise ValueError("a result of nothing")
        forwarded = None
        for inner in element.iterfind(FORWARDED_TAG):
            with contextlib.suppress(ValueError):
                forwarded = forwarded or Forwarded.from_xml(inner)
        return cls(element.get("queryid", ""), element.get("id", ""), forwarded)

    def as_xml(self) -> Element:
        element = Element(f"{{{NS}}}result", {"queryid": self.query_id, "id": self.id})
        if self.forwarded is not None:
            element.append(self.forwarded.as_xml())
        return element


@payload(f"{{{NS}}}fin")
@dataclass(frozen=True)
class FinPayload(Payload):
    """`<fin/>`: the end of a page; `is_complete` if there is nothing beyond it."""

    is_complete: bool
    page: Page

    @classmethod
    def from_xml(cls, element: Element) -> Self:
        found = element.find(f"{{{RSM_NS}}}set")
        page = Page() if found is None else Page.from_xml(found)
        return cls(element.get("complete") in ("true", "1"), page)

    def as_xml(self) -> Element:
        element = Element(f"{{{NS}}}fin", {"complete": "true"} if self.is_complete else {})
        element.append(self.page.as_xml())
        return element
