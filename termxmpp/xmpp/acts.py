"""The wire form of what is done to messages: XEP-0308, XEP-0444, XEP-0424 with XEP-0425."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self
from xml.etree.ElementTree import Element, SubElement

from termxmpp.xmpp.payload import Payload, payload

__all__ = [
    "CORRECTION_NS",
    "LONGEST_ID",
    "MODERATION_NS",
    "REACTIONS_NS",
    "RETRACTION_NS",
    "ReactionsPayload",
    "ReplacePayload",
    "RetractPayload",
    "RetractedPayload",
]

CORRECTION_NS = "urn:xmpp:message-correct:0"
REACTIONS_NS = "urn:xmpp:reactions:0"
RETRACTION_NS = "urn:xmpp:message-retract:1"
MODERATION_NS = "urn:xmpp:message-moderate:1"

# No client makes longer names of messages; the longest emojis have some ten code points; and
# nobody means more of them at once.
LONGEST_ID, LONGEST_EMOJI, MOST_EMOJIS = 500, 24, 20


@payload(f"{{{CORRECTION_NS}}}replace")
@dataclass(frozen=True)
class ReplacePayload(Payload):
    """`<replace/>`: this is what the message with that id should have been."""

    id: str

    @classmethod
    def from_xml(cls, element: Element) -> Self:
        return cls(_id(element))

    def as_xml(self) -> Element:
        return Element(f"{{{CORRECTION_NS}}}replace", {"id": self.id})


@payload(f"{{{REACTIONS_NS}}}reactions")
@dataclass(frozen=True)
class ReactionsPayload(Payload):
    """`<reactions/>`: all emojis with which the sender reacts to that message from now on."""

    id: str
    emojis: tuple[str, ...]

    @classmethod
    def from_xml(cls, element: Element) -> Self:
        """What can't be an emoji is left out, and each counts once (§4.1)."""
        texts = (each.text or "" for each in element.iterfind(f"{{{REACTIONS_NS}}}reaction"))
        emojis = dict.fromkeys(text.strip() for text in texts if len(text) <= 2 * LONGEST_EMOJI)
        kept = [each for each in emojis if 0 < len(each) <= LONGEST_EMOJI and not _has_space(each)]
        return cls(_id(element), tuple(kept[:MOST_EMOJIS]))

    def as_xml(self) -> Element:
        reactions = Element(f"{{{REACTIONS_NS}}}reactions", {"id": self.id})
        for emoji in self.emojis:
            SubElement(reactions, f"{{{REACTIONS_NS}}}reaction").text = emoji
        return reactions


@payload(f"{{{RETRACTION_NS}}}retract")
@dataclass(frozen=True)
class RetractPayload(Payload):
    """`<retract/>`: the message with that id is to be forgotten; `is_moderation`: so a room says.

    Whoever it is from: only what a room itself sends is its word (XEP-0425 §5).
    """

    id: str
    is_moderation: bool = False

    @classmethod
    def from_xml(cls, element: Element) -> Self:
        moderated = element.find(f"{{{MODERATION_NS}}}moderated")
        return cls(_id(element), moderated is not None)

    def as_xml(self) -> Element:
        return Element(f"{{{RETRACTION_NS}}}retract", {"id": self.id})


@payload(f"{{{RETRACTION_NS}}}retracted")
@dataclass(frozen=True)
class RetractedPayload(Payload):
    """`<retracted/>`: here was a message, as an archive tells that has forgotten it (§5)."""

    @classmethod
    def from_xml(cls, element: Element) -> Self:
        return cls()

    def as_xml(self) -> Element:
        return Element(f"{{{RETRACTION_NS}}}retracted")


def _id(element: Element) -> str:
    """The id of the message that is meant; ValueError where none can be."""
    id = element.get("id", "")
    if not 0 < len(id) <= LONGEST_ID:
        raise ValueError("no message has such an id")
    return id


def _has_space(text: str) -> bool:
    return any(character.isspace() for character in text)
