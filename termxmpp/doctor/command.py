"""The commands: one examination for each account, beside everything else, until it is stopped."""

from __future__ import annotations

import asyncio
from typing import Annotated

from termxmpp.commands.registry import Command, Kind, command
from termxmpp.core.jid import Jid
from termxmpp.doctor.context import DoctorContext
from termxmpp.errors import UserError
from termxmpp.words import _

__all__ = ["DOCTOR_COMMANDS"]


@command("doctor")
async def doctor(ctx: DoctorContext, jid: Annotated[Jid, Kind.CONTACT] | None = None) -> None:
    """Find out why you can't connect, send or be reached, or reach JID, step by step.

    It looks at this window's account, its server, JID or the window's contact or room, and your
    terminal. Nothing it tells is a secret: it can be given to whoever runs the server. While
    offline it tries to log in once, which nobody notices. `/doctor stop` ends it.
    """
    # Only who is ill needs these, and what reads certificates takes long to load.
    from termxmpp.doctor.examination import examine

    running = ctx.desk.examinations
    task = asyncio.current_task()
    assert task is not None
    if ctx.client in running:
        raise UserError(_("The doctor is busy with this account; /doctor stop ends that."))
    running[ctx.client] = task
    try:
        await examine(ctx, jid or ctx.here.peer)
    finally:
        del running[ctx.client]


@command("doctor stop")
def doctor_stop(ctx: DoctorContext) -> None:
    """End the examination of this window's account."""
    task = ctx.desk.examinations.get(ctx.client)
    if task is None:
        raise UserError(_("The doctor is not at work here; /doctor calls it."))
    task.cancel()
    ctx.here.tell(_("The doctor has stopped."))


DOCTOR_COMMANDS: tuple[Command, ...] = (doctor, doctor_stop)
