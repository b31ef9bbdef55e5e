"""What acts make of a message: pure, and the same in whatever order they came to be known.

A correction (XEP-0308) gives it another text, reactions (XEP-0444) stand beside it, and of what
is retracted (XEP-0424) nothing is left but that it was there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from termxmpp.core.message import Deed, Fate, Message, Reaction

__all__ = ["changed_by"]


def changed_by(message: Message, acts: Sequence[Message], *, is_in_room: bool) -> Message:
    """`message` as it stands after the `acts` on it, which are in the order of the archive.

    `is_in_room`: its authors are occupants of a room, each with an address of its own.
    """
    if message.is_retracted:
        return message
    counting = [each for each in acts if each.fate is not Fate.FAILED]
    retraction = next((each for each in counting if _is(each, Deed.RETRACTION)), None)
    if retraction is not None:
        return _retracted(message, retraction)
    corrections = [each for each in acts if _is(each, Deed.CORRECTION)]
    if corrections:
        # What a sender, in doubt, has sent twice was said once.
        once = {(each.id, each.text): each for each in corrections}
        message = _corrected(message, list(once.values()))
    # What a peer has refused was never said (XEP-0444 §3.2); of a text it is told.
    reactions = [each for each in counting if _is(each, Deed.REACTIONS)]
    return replace(message, reactions=_counted(reactions, is_in_room=is_in_room))


def _is(message: Message, deed: Deed) -> bool:
    return message.act is not None and message.act.deed is deed


def _retracted(message: Message, retraction: Message) -> Message:
    gone = replace(
        message,
        text="",
        subject="",
        edits=(),
        reactions=(),
        reply=None,
        spoiler=None,
        is_unstyled=False,
        is_mention=False,
        is_retracted=True,
        files=(),
        matter=None,
    )
    if message.is_own and retraction.is_own:
        return replace(gone, fate=retraction.fate, reason=retraction.reason)
    return gone


def _corrected(message: Message, corrections: Sequence[Message]) -> Message:
    """What is told of its fate is that of the newest text: whoever has that has the others."""
    *before, last = corrections
    return replace(
        message,
        text=last.text,
        edits=(message.text, *(each.text for each in before)),
        # Most clients send the text alone once more, and still answer the same message.
        subject=last.subject or message.subject,
        reply=last.reply or message.reply,
        spoiler=last.spoiler,
        is_unstyled=last.is_unstyled,
        is_mention=last.is_mention,
        files=last.files,
        matter=last.matter,
        fate=last.fate if message.is_own else message.fate,
        reason=last.reason if message.is_own else message.reason,
    )


def _counted(acts: Sequence[Message], *, is_in_room: bool) -> tuple[Reaction, ...]:
    """The last word of each author."""
    last: dict[str, Message] = {}
    for each in acts:
        author = each.author if is_in_room else each.author.bare
        identity = "" if each.is_own else each.occupant or str(author)
        last.pop(identity, None)
        last[identity] = each
    found: dict[str, list[Message]] = {}
    for each in last.values():
        for emoji in each.act.emojis if each.act is not None else ():
            found.setdefault(emoji, []).append(each)
    return tuple(
        Reaction(
            emoji,
            tuple(each.author if is_in_room else each.author.bare for each in by),
            any(each.is_own for each in by),
        )
        for emoji, by in found.items()
    )
