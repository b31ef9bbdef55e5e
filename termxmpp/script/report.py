"""What a script is told of its messages: lines on stderr, JSON on stdout, an exit status.

A message is told to be sent only where that is proven; what is not known is said to be
unknown.
"""

from __future__ import annotations

import enum
import json
from collections.abc import Callable, Iterable
from typing import TextIO

from termxmpp.errors import OutputError, TermxmppError
from termxmpp.values import dataclass
from termxmpp.words import _

__all__ = [
    "BOUNCED",
    "UNPROVEN",
    "Delivery",
    "Outcome",
    "OutputError",
    "Refused",
    "Report",
    "worst",
]

# Exit statuses of single messages (contract §1).
BOUNCED = 67
UNPROVEN = 75

# How many characters of a message name it on stderr.
QUOTED = 60

# The contract's order, from the worst on; what is not in it is no failure.
_WORST_FIRST = (70, 78, 64, 65, 66, 77, 76, 67, 68, 69, 75)


class Refused(TermxmppError):
    """The recipient does not take what was to be sent."""

    exit_status = BOUNCED


class Outcome(enum.Enum):
    """What is known of a message to one recipient; the value is the word for it."""

    PROVEN = "sent"
    GIVEN = "given"
    BOUNCED = "bounced"
    UNKNOWN = "unknown"
    UNSENT = "unsent"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message to one recipient.

    `to` is an address, or what was given for one; `status` is the exit status that this
    delivery alone would give.
    """

    to: str
    text: str
    id: str
    outcome: Outcome
    status: int
    reason: str = ""


def worst(statuses: Iterable[int]) -> int:
    """The exit status of a run with these outcomes (contract §1)."""
    given = set(statuses)
    return next((status for status in _WORST_FIRST if status in given), 0)


class Report:
    """Tells each delivery: as JSON on `out` if asked, and on `err` unless it went well.

    `before` is called before each line on `err`.
    """

    def __init__(self, out: TextIO, err: TextIO, *, as_json: bool) -> None:
        self.err = err
        self.before: Callable[[], None] = lambda: None
        self._out = out
        self._as_json = as_json
        self._statuses: set[int] = set()

    @property
    def status(self) -> int:
        """The worst status told so far."""
        return worst(self._statuses)

    def tell(self, delivery: Delivery) -> None:
        """Tell the fate of one message to one recipient."""
        self._statuses.add(delivery.status)
        if self._as_json:
            record = {
                "to": delivery.to,
                "id": delivery.id,
                "outcome": delivery.outcome.value,
                "status": delivery.status,
                "reason": delivery.reason,
                "text": delivery.text,
            }
            self._print(json.dumps(record, ensure_ascii=False))
        if delivery.outcome not in (Outcome.PROVEN, Outcome.GIVEN):
            # What goes well, as nearly all does, says nothing, and this takes long to load.
            from termxmpp.core.text import one_line

            reason = f" ({one_line(delivery.reason, 300)})" if delivery.reason else ""
            quoted = one_line(delivery.text, QUOTED)
            self.complain(
                f"{delivery.outcome.value}: {one_line(delivery.to, QUOTED)}: {quoted}{reason}"
            )

    def answer(self, text: str) -> None:
        """What was asked for, where that is no JSON."""
        if not self._as_json:
            self._print(text)

    def _print(self, line: str) -> None:
        try:
            print(line, file=self._out, flush=True)
        except BrokenPipeError:
            raise
        except OSError as error:
            words = _("The output can't be written: {reason}.")
            raise OutputError(words.format(reason=error.strerror)) from None

    def fail(self, text: str, status: int) -> None:
        """Tell what went wrong with the run as a whole."""
        self._statuses.add(status)
        self.complain(text)

    def complain(self, text: str) -> None:
        """One line on stderr."""
        self.before()
        print(f"termxmpp: {text}", file=self.err, flush=True)
