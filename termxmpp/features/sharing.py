"""XEP-0447 Stateless File Sharing: what a file of ours is, said with its link; others' are read.

With it come XEP-0446 File Metadata and XEP-0300 Hashes, which say what the file is, and XEP-0066,
by which clients without these know that a link is one to a file.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

from termxmpp.commands.registry import Kind, Name, command
from termxmpp.core.files import SharedFile, size_words
from termxmpp.core.jid import Jid
from termxmpp.core.links import links
from termxmpp.core.message import Message
from termxmpp.errors import UserError
from termxmpp.feature import CommandContext, Feature, Handler
from termxmpp.words import _
from termxmpp.xmpp.payload import Payload
from termxmpp.xmpp.sharing import SHARING_NS, payloads_for

__all__ = ["FEATURE"]


class SharingHandler(Handler):
    """Says what our files are; those of others are read in `xmpp.reading`."""

    def outgoing(self, peer: Jid, message: Message) -> Iterable[Payload]:
        return payloads_for(message.files, message.text)


@command("save")
async def save(
    ctx: CommandContext, n: int | None = None, path: Annotated[Name, Kind.FILE] | None = None
) -> None:
    """Save the file in the Nth message from the newest, the selected one, or the newest file.

    It goes into the folder for downloads (`/set ui.downloads`), or to PATH: into that folder, or
    as that file. No file that is there is written over.
    """
    peer = ctx.here
    message = ctx.message(n, lambda each: any(file.url for file in each.files))
    files = _files(message)
    if not files:
        raise UserError(_("There is no file in that message, and no link to one."))
    for file in files:
        saved = await ctx.client.carrier.save(file, peer, path or "")
        words = (
            _("Saved {path} ({size}), checked by its {algorithm}.")
            if saved.checked_by
            else _("Saved {path} ({size}).")
        )
        ctx.tell(
            words.format(path=saved.path, size=size_words(saved.size), algorithm=saved.checked_by)
        )


def _files(message: Message) -> list[SharedFile]:
    """What of `message` can be saved: its files, or what the links in its text lead to."""
    shared = [file for file in message.files if file.url]
    if shared:
        return shared
    return [SharedFile(url) for url in links(message.text) if url.lower().startswith("http")]


FEATURE = Feature(
    "XEP-0447",
    "Stateless File Sharing",
    (SHARING_NS,),
    SharingHandler,
    (save,),
    version="0.3.1",
    note="files on the web only, one or several to a message",
    is_partial=True,
)
