"""`--send` by the termxmpp that runs already, if one has the account online: no log-in at all.

What it can't do, a connection of our own does: `send` goes on with whom it leaves.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TextIO

from termxmpp.core.jid import Jid
from termxmpp.errors import DataError
from termxmpp.script.report import Report
from termxmpp.script.running import running
from termxmpp.script.send import SendOptions
from termxmpp.script.through import deliver
from termxmpp.words import _

__all__ = ["send_nearby"]


def send_nearby(
    account: Jid, options: SendOptions, out: TextIO, err: TextIO, *, place: Path | None = None
) -> tuple[SendOptions, int]:
    """What is left to be sent, with nobody in it if nothing is, and the status so far.

    `place` is where to look for the one that runs, if it is not where `rendezvous` has it. Raises
    DataError for a message that can't be one.
    """
    plain = [each for each in options.recipients if Jid.parse_or_none(each) is not None]
    if not plain or not _is_plain(options):
        return options, 0
    there = running(str(account.bare), place)
    if there is None:
        return options, 0
    with there:
        text = options.text
        if text is None:
            text = _typed()
        if not text.strip():
            raise DataError(_("The message is empty; nothing was sent."))
        report = Report(out, err, as_json=options.as_json)
        left = deliver(
            there,
            str(account.bare),
            plain,
            text,
            report.tell,
            subject=options.subject,
            wait=options.waits_for,
            timeout=options.timeout,
        )
    done = set(plain) - set(left)
    others = tuple(each for each in options.recipients if each not in done)
    return replace(options, recipients=others, text=text), report.status


def _is_plain(options: SendOptions) -> bool:
    """Whether there is nothing to it but a text."""
    of_rooms = options.nick or options.room_password
    return not (options.files or options.is_by_line or options.is_raw or options.type or of_rooms)


def _typed() -> str:
    """All of standard input without its final newline."""
    try:
        return sys.stdin.buffer.read().decode("utf-8").removesuffix("\n")
    except UnicodeDecodeError as error:
        raise DataError(
            _("Standard input is not UTF-8: {reason}.").format(reason=error.reason)
        ) from None
