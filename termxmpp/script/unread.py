"""`--unread`: counts for a status bar, from the running termxmpp, without connecting."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TextIO

from termxmpp import rendezvous
from termxmpp.errors import ConnectionFailed
from termxmpp.script.running import accounts
from termxmpp.words import _

__all__ = ["unread"]


def unread(address: str, out: TextIO, *, as_json: bool, place: Path | None = None) -> int:
    """Write how much is unread, of the bare `address` or where it is empty of all accounts.

    A line of two numbers with a tab between: unread messages, and those of them that name the
    user; or `as_json` an object. Raises ConnectionFailed where no termxmpp runs that has it.
    """
    found = [each for each in accounts(place) if address in ("", each["account"])]
    if not found:
        if address:
            raise ConnectionFailed(_("No termxmpp runs that has {jid}.").format(jid=address))
        raise ConnectionFailed(_("No termxmpp runs."))
    counts = {key: sum(each[key] for each in found) for key in ("unread", "mentions")}
    if as_json:
        told = {"v": rendezvous.VERSION} | counts | {"accounts": found}
        print(json.dumps(told, ensure_ascii=False), file=out)
    else:
        print(f"{counts['unread']}\t{counts['mentions']}", file=out)
    return 0
