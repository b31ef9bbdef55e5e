"""What a message says, where there is one line for it: pure, and harmless only if made so."""

from __future__ import annotations

from termxmpp.core.files import file_words, has_only_links
from termxmpp.core.matter import matter_words
from termxmpp.core.message import Message

__all__ = ["gist"]


def gist(message: Message, *, is_open: bool = True) -> str:
    """Its text and what else it holds, or what it shares instead, or else its subject.

    Of what its author has hidden it is the hint, unless it `is_open`.
    """
    if message.spoiler is not None and not is_open:
        return message.open_text
    if message.files and has_only_links(message.text, message.files):
        return "; ".join(map(file_words, message.files))
    if message.matter is None:
        return message.text or message.subject
    words = matter_words(message.matter, is_own=message.is_own)
    return f"{message.text} ({words})" if message.text else words
