"""What a server that fails says elsewhere of how it is (XEP-0455), fetched once by a child.

A child, since the web may take for ever, and since nobody else here speaks HTTP. It follows
nothing but http and https, and takes no more than a status has.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from termxmpp.mainloop.children import output_of
from termxmpp.values import dataclass

__all__ = ["Outage", "fetch_outage", "read_outage"]

# How long the child may take (seconds), and what a status takes at most (bytes).
TIMEOUT, LARGEST = 20.0, 65536

_PROGRAM = f"""
import sys, urllib.request
opener = urllib.request.OpenerDirector()
for handler in (urllib.request.ProxyHandler, urllib.request.HTTPHandler,
                urllib.request.HTTPSHandler, urllib.request.HTTPRedirectHandler,
                urllib.request.HTTPErrorProcessor, urllib.request.HTTPDefaultErrorHandler):
    opener.add_handler(handler())
request = urllib.request.Request(sys.argv[1], headers={{"User-Agent": "termxmpp"}})
with opener.open(request, timeout={TIMEOUT / 2}) as answer:
    sys.stdout.buffer.write(answer.read({LARGEST}))
"""


@dataclass(frozen=True, slots=True)
class Outage:
    """An outage: whether it `is_planned`, from when till when (aware), and words about it."""

    is_planned: bool
    beginning: datetime
    end: datetime | None = None
    words: str = ""


async def fetch_outage(address: str, languages: Sequence[str] = ()) -> Outage | None:
    """What is said at `address` of an outage; None if nothing is, or nobody answers."""
    if not address.lower().startswith(("https://", "http://")):
        return None
    answer = await output_of((sys.executable, "-I", "-c", _PROGRAM, address), timeout=TIMEOUT)
    return read_outage(answer, languages) if answer is not None else None


def read_outage(answer: bytes, languages: Sequence[str] = ()) -> Outage | None:
    """The outage that `answer` tells of, in the best of `languages` (§2.2); None if none."""
    try:
        told = json.loads(answer)
    except (ValueError, RecursionError):
        return None
    if not isinstance(told, dict):
        return None
    beginning = _moment(told.get("beginning"))
    if beginning is None:
        return None
    words = told.get("message")
    known = words if isinstance(words, dict) else {}
    said = next((known[each] for each in (*languages, "default") if known.get(each)), "")
    return Outage(
        told.get("planned") is True,
        beginning,
        _moment(told.get("expected_end")),
        said if isinstance(said, str) else "",
    )


def _moment(text: Any) -> datetime | None:
    try:
        at = datetime.fromisoformat(text)
        at = at if at.tzinfo is not None else at.replace(tzinfo=UTC)
        return at.astimezone()
    except (TypeError, ValueError, OverflowError, OSError):
        return None
