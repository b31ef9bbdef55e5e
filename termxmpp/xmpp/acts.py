"""The wire form of what is done to messages: XEP-0308, XEP-0444, XEP-0424 with XEP-0425."""

from __future__ import annotations

from typing import Self
from xml.etree.ElementTree import Element, SubElement

from termxmpp.values import dataclass
from termxmpp.xmpp.payload import Payload, payload

__all__ = [
    "CORRECTION_NS",
    "LONGEST_ID",
    "MODERATION_NS",
    "OLD_MODERATION_NS",
    "REACTIONS_NS",
    "RETRACTION_NS",
    "OldModerationPayload",
    "OldTombstonePayload",
    "ReactionsPayload",
    "ReplacePayload",
    "RetractPayload",
    "RetractedPayload",
]

CORRECTION_NS = "urn:xmpp:message-correct:0"
REACTIONS_NS = "urn:xmpp:reactions:0"
RETRACTION_NS = "urn:xmpp:message-retract:1"
MODERATION_NS = "urn:xmpp:message-moderate:1"

# How rooms have moderated before (XEP-0425 0.2), and many still do.
OLD_MODERATION_NS = "urn:xmpp:message-moderate:0"
OLD_RETRACTION_NS = "urn:xmpp:message-retract:0"
FASTENING_NS = "urn:xmpp:fasten:0"

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


@payload(f"{{{FASTENING_NS}}}apply-to")
@dataclass(frozen=True)
class OldModerationPayload(Payload):
    """`<apply-to/>`: the message with that id is to be forgotten, as a room says of old.

    As an order to the room it holds `reason`, which is read by nobody.
    """

    id: str
    reason: str = ""

    @classmethod
    def from_xml(cls, element: Element) -> Self:
        path = f"{{{OLD_MODERATION_NS}}}moderated/{{{OLD_RETRACTION_NS}}}retract"
        if element.find(path) is None:
            raise ValueError("nothing is taken back")
        return cls(_id(element))

    def as_xml(self) -> Element:
        applied = Element(f"{{{FASTENING_NS}}}apply-to", {"id": self.id})
        moderate = SubElement(applied, f"{{{OLD_MODERATION_NS}}}moderate")
        SubElement(moderate, f"{{{OLD_RETRACTION_NS}}}retract")
        if self.reason:
            SubElement(moderate, f"{{{OLD_MODERATION_NS}}}reason").text = self.reason
        return applied


@payload(f"{{{OLD_MODERATION_NS}}}moderated")
@dataclass(frozen=True)
class OldTombstonePayload(Payload):
    """`<moderated/>`: here was a message, as an archive of old tells that has forgotten it."""

    @classmethod
    def from_xml(cls, element: Element) -> Self:
        if element.find(f"{{{OLD_RETRACTION_NS}}}retracted") is None:
            raise ValueError("nothing was taken back")
        return cls()

    def as_xml(self) -> Element:
        moderated = Element(f"{{{OLD_MODERATION_NS}}}moderated")
        SubElement(moderated, f"{{{OLD_RETRACTION_NS}}}retracted")
        return moderated


def _id(element: Element) -> str:
    """The id of the message that is meant; ValueError where none can be."""
    id = element.get("id", "")
    if not 0 < len(id) <= LONGEST_ID:
        raise ValueError("no message has such an id")
    return id


def _has_space(text: str) -> bool:
    return any(character.isspace() for character in text)
