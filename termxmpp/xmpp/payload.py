"""Payloads: the child elements of stanzas, as typed values of the feature that knows them.

A payload class derives from `Payload`, reads itself with `from_xml`, which raises ValueError
on rubbish, and is declared with `@payload(name)`: the qualified name of its element.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Self, TypeVar
from xml.etree.ElementTree import Element

from pyxmpp2.interfaces import StanzaPayload, payload_element_name

__all__ = ["Payload", "PayloadType", "payload"]


class Payload(StanzaPayload):  # type: ignore[misc]  # pyxmpp2 is untyped
    """The base of all payload classes."""

    @classmethod
    def from_xml(cls, element: Element) -> Self:
        """The payload that `element` holds; ValueError where it holds none."""
        raise NotImplementedError

    @classmethod
    def element_names(cls) -> Sequence[str]:
        """The qualified names of the element, the last one declared first."""
        names: Sequence[str] = cls._pyxmpp_payload_element_name
        return names

    def as_xml(self) -> Element:
        """A new element that holds the payload."""
        raise NotImplementedError


PayloadType = TypeVar("PayloadType", bound=Payload)


def payload(name: str) -> Callable[[type[PayloadType]], type[PayloadType]]:
    """Declare a class as the payload of the elements called `name` (`{namespace}tag`)."""

    def declare(cls: type[PayloadType]) -> type[PayloadType]:
        declared: type[PayloadType] = payload_element_name(name)(cls)
        return declared

    return declare
