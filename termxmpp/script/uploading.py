"""Files of a script: uploaded over its link, with their progress on the terminal (XEP-0363)."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from termxmpp.core.jid import Jid
from termxmpp.features.uploads import upload
from termxmpp.script.link import Link
from termxmpp.script.progress import Progress
from termxmpp.script.report import Report
from termxmpp.transfers.carrier import Carrier
from termxmpp.transfers.web import Web
from termxmpp.xmpp import stanzas
from termxmpp.xmpp.payload import Payload
from termxmpp.xmpp.resolver import Resolver
from termxmpp.xmpp.sharing import payloads_for
from termxmpp.xmpp.stanzas import IncomingIq

__all__ = ["Uploads"]


class Uploads:
    """Brings files over `link`; what goes wrong is not told over the progress of `report`."""

    def __init__(self, link: Link, report: Report) -> None:
        self._link = link
        progress = Progress(report.err)
        report.before = progress.clear
        way = link.settings
        self.carrier = Carrier(
            progress.observe, lambda: Web(Resolver(), lambda: way.tls, lambda: way.proxy)
        )

    @property
    def jid(self) -> Jid:
        """Whose server has the place for files."""
        return self._link.jid

    async def get(self, to: Jid | None, payload: Payload) -> IncomingIq:
        """Ask `to`, as `upload` does."""
        return await self._link.request(stanzas.iq_get(to, payload, id=secrets.token_urlsafe(12)))

    async def bring(self, path: str, to: Jid) -> tuple[str, Sequence[Payload]]:
        """Upload the file at `path`, which is for `to`: its link, and what says what it is.

        Raises what `upload` raises.
        """
        shared = await upload(self, path, to)
        return shared.url, tuple(payloads_for((shared,), shared.url))
