"""XEP-0157 and XEP-0455: who can be asked when the server fails, and what it says of that itself.

What the server tells of it while it is well is kept. When it can't be reached twice, one after the
other, it is told, once; its status is fetched then, and at no other time.
"""

from __future__ import annotations

from datetime import datetime

from termxmpp.core.events import Event, LinkChanged, NoticeGiven
from termxmpp.core.link import Phase
from termxmpp.core.message import Notice
from termxmpp.core.service import UNKNOWN, Service
from termxmpp.core.text import one_line
from termxmpp.feature import Context, Feature, Handler
from termxmpp.outage import Outage, fetch_outage
from termxmpp.words import _, languages

__all__ = ["FEATURE", "STATUS_FEATURE"]

# So many failures in a row are more than a network that comes and goes.
ENOUGH = 2

# What a server says of itself is told in so many columns, and not more addresses of a kind.
LONGEST, MOST = 300, 3


class ServiceHandler(Handler):
    """Follows the link, and helps when there is none."""

    def __init__(self, ctx: Context) -> None:
        super().__init__(ctx)
        self._failures = 0

    def happened(self, event: Event) -> None:
        match event:
            case LinkChanged(link) if link.phase is Phase.ONLINE:
                self._failures = 0
            case LinkChanged(link) if link.phase is Phase.RECONNECTING:
                self._failures += 1
                if self._failures == ENOUGH and self.ctx.state.service != UNKNOWN:
                    self.ctx.spawn(self._tell())

    async def _tell(self) -> None:
        service = self.ctx.state.service
        outage = None
        # The child that fetches knows no proxy.
        outages = () if self.ctx.is_behind_proxy else service.outages
        for address in outages:
            outage = await fetch_outage(address, languages())
            if outage is not None:
                break
        server = self.ctx.state.account.domain
        lines = []
        if outage is not None:
            lines += _outage_lines(server, outage, self.ctx.now())
        elif outages:
            lines.append(_("{server} says nothing of an outage.").format(server=server))
        lines += _contact_lines(server, service)
        self.ctx.emit(NoticeGiven(Notice("\n".join(lines), self.ctx.now())))


def _outage_lines(server: str, outage: Outage, now: datetime) -> list[str]:
    time = f"{outage.beginning.astimezone():%Y-%m-%d %H:%M}"
    if outage.beginning > now:
        head = _("{server} says that it is to be down from {time} on.")
    elif outage.is_planned:
        head = _("{server} says that it is down since {time}, as was planned.")
    else:
        head = _("{server} says that it is down since {time}.")
    lines = [head.format(server=server, time=time)]
    if outage.end is not None:
        end = f"{outage.end.astimezone():%Y-%m-%d %H:%M}"
        lines.append(_("It is expected back at {time}.").format(time=end))
    if outage.words:
        lines.append(f"“{one_line(outage.words, LONGEST)}”")
    return lines


def _contact_lines(server: str, service: Service) -> list[str]:
    words = {
        "status": _("How it is:"),
        "support": _("Help:"),
        "admin": _("Who runs it:"),
        "feedback": _("Feedback:"),
    }
    lines = []
    for kind, name in words.items():
        some = service.contacts.get(kind, ())[:MOST]
        if some:
            lines.append(f"  {name} {', '.join(one_line(each, LONGEST) for each in some)}")
    head = _("{server} can't be reached; outside of XMPP it can be asked here:")
    return [head.format(server=server), *lines] if lines else []


FEATURE = Feature(
    "XEP-0157", "Contact Addresses for XMPP Services", handler=ServiceHandler, version="1.1.1"
)
STATUS_FEATURE = Feature("XEP-0455", "Service Outage Status", version="0.4.0")
