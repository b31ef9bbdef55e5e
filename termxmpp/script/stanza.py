"""`--raw`: one stanza from standard input, as it is, once it has been found to be one."""

from __future__ import annotations

import secrets

from termxmpp.core.jid import Jid
from termxmpp.errors import ConnectionFailed, DataError, RemoteError, UserError
from termxmpp.mainloop.stdin import read_all
from termxmpp.script.link import Link
from termxmpp.script.report import BOUNCED, UNPROVEN, Delivery, Outcome, Report
from termxmpp.words import _
from termxmpp.xmpp import errands, stanzas
from termxmpp.xmpp.stanzas import Outgoing

__all__ = ["RawStanza", "ask", "read_stanza"]


class RawStanza:
    """The stanza that `text` is, in a form that can be sent; DataError if it is none."""

    def __init__(self, text: str, account: Jid) -> None:
        try:
            self.outgoing: Outgoing = stanzas.from_xml(text, id=secrets.token_urlsafe(12))
        except UserError as error:
            raise DataError(str(error)) from None
        self.text = text
        # What names nobody is for the account itself (RFC 6120 §8.1.2.1).
        self.to = Jid.parse_or_none(errands.recipient_of(self.outgoing)) or account.bare

    @property
    def is_request(self) -> bool:
        """Whether it will be answered."""
        return errands.is_request(self.outgoing)


async def read_stanza(account: Jid) -> RawStanza:
    """The stanza on standard input; DataError if there is none."""
    text = (await read_all()).strip()
    if not text:
        raise DataError(_("There is no stanza on standard input."))
    return RawStanza(text, account)


async def ask(link: Link, stanza: RawStanza, report: Report) -> None:
    """Send an iq; its answer is what was asked for, and the proof."""
    to, id = str(stanza.to), errands.id_of(stanza.outgoing)
    try:
        answer = await link.request(stanza.outgoing)
    except RemoteError as error:
        if error.condition is None:
            delivery = Delivery(to, stanza.text, id, Outcome.UNKNOWN, UNPROVEN, str(error))
        else:
            delivery = Delivery(to, stanza.text, id, Outcome.BOUNCED, BOUNCED, str(error))
    except ConnectionFailed as error:
        delivery = Delivery(to, stanza.text, id, Outcome.UNKNOWN, UNPROVEN, str(error))
    else:
        delivery = Delivery(to, stanza.text, id, Outcome.PROVEN, 0)
        report.answer(errands.xml_of(answer))
    report.tell(delivery)
