"""Pictures that contacts share, shown small in the conversation, if the user wants that.

Fetching tells a server who looks, and when; so it is done by a setting only, only for what
contacts and we ourselves share, one at a time, and never again for what is old.
"""

from __future__ import annotations

import asyncio
import logging

from termxmpp.core.events import Event, MessageReceived, MessageWritten, NoticeGiven, PicturesShown
from termxmpp.core.files import SharedFile
from termxmpp.core.jid import Jid
from termxmpp.core.message import Message, Notice
from termxmpp.errors import TermxmppError, UserError
from termxmpp.feature import Context, Feature, Handler

__all__ = ["FEATURE"]

logger = logging.getLogger(__name__)

# So many wait for the one that is fetched; of a flood the rest stays a line.
MOST_WAITING = 8

# Of one message so many are shown.
MOST = 4


class PicturesHandler(Handler):
    """Fetches what can be shown, and says how it looks."""

    def __init__(self, ctx: Context) -> None:
        super().__init__(ctx)
        self._waiting = 0
        self._lock = asyncio.Lock()
        self._has_told = False

    def happened(self, event: Event) -> None:
        if not isinstance(event, MessageReceived | MessageWritten):
            return
        files = [file for file in event.message.files if _can_be_shown(file)][:MOST]
        if files and self._is_wanted(event.peer, event.message) and self._waiting < MOST_WAITING:
            self._waiting += 1
            self.ctx.spawn(self._show(event.peer, event.message, files))

    def _is_wanted(self, peer: Jid, message: Message) -> bool:
        is_known = message.is_own or peer.bare in self.ctx.state.contacts
        is_hidden = message.spoiler is not None or message.act is not None
        return self.ctx.carrier.saving.shows_pictures and is_known and not is_hidden

    async def _show(self, peer: Jid, message: Message, files: list[SharedFile]) -> None:
        pictures = []
        try:
            async with self._lock:
                for file in files:
                    pictures.append(await self.ctx.carrier.picture(file))
        except UserError as error:
            # It holds for each of them, so it is said once.
            if not self._has_told:
                self._has_told = True
                self.ctx.emit(NoticeGiven(Notice(str(error), self.ctx.now()), peer))
        except TermxmppError as error:
            logger.info("no picture of %s: %s", message.id, error)
        finally:
            self._waiting -= 1
        if pictures:
            self.ctx.emit(PicturesShown(peer, message.key, tuple(pictures)))


def _can_be_shown(file: SharedFile) -> bool:
    return file.kind == "picture" and file.url.startswith("https://") and not file.is_link


FEATURE = Feature("XEP-0447 §3.2", "Pictures in the conversation", handler=PicturesHandler)
