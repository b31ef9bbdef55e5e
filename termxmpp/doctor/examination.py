"""The examination as a whole: which checks, in which order, told as they come."""

from __future__ import annotations

from collections.abc import AsyncIterator

from termxmpp.core.jid import Jid
from termxmpp.core.link import Phase
from termxmpp.doctor.context import DoctorContext
from termxmpp.doctor.findings import Finding, Findings, verdict, wrong
from termxmpp.doctor.peer import check_peer
from termxmpp.doctor.records import check_records
from termxmpp.doctor.server import check_server
from termxmpp.doctor.terminal import check_terminal
from termxmpp.doctor.way import check_way
from termxmpp.errors import TermxmppError
from termxmpp.words import _

__all__ = ["examine"]


async def examine(ctx: DoctorContext, peer: Jid | None) -> None:
    """Examine the account of `ctx`, and how `peer` is reached, if it is given; tell all of it."""
    client = ctx.client
    ctx.here.tell(
        _("The doctor examines {account}; /doctor stop ends it.").format(
            account=client.account.bare
        )
    )
    found: list[Finding] = []
    async for finding in _all(ctx, peer):
        found.append(finding)
        ctx.here.tell(finding.text, mark=finding.mark)
    ctx.here.tell(verdict(found))


async def _all(ctx: DoctorContext, peer: Jid | None) -> AsyncIterator[Finding]:
    client = ctx.client
    for finding in check_records(
        ctx.desk.records_of(client.account), keeps_history=client.keeps_history
    ):
        yield finding
    async for finding in _guarded(check_way(client)):
        yield finding
    if client.state.link.phase is Phase.ONLINE:
        async for finding in _guarded(check_server(client)):
            yield finding
    if peer is not None:
        async for finding in _guarded(check_peer(client, peer)):
            yield finding
    facts = ctx.desk.terminal_facts()
    if facts is not None:
        for finding in check_terminal(facts):
            yield finding


async def _guarded(findings: Findings) -> AsyncIterator[Finding]:
    """`findings`, and the error that ended them, if one did."""
    try:
        async for finding in findings:
            yield finding
    except TermxmppError as error:
        yield wrong(str(error))
