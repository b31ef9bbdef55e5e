"""`--send` through a running termxmpp: no log-in of its own, and its fate is told all the same."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from termxmpp.errors import ConnectionFailed
from termxmpp.script.report import BOUNCED, UNPROVEN, Delivery, Outcome
from termxmpp.script.running import Running
from termxmpp.words import _

__all__ = ["deliver"]

_FAR_ENOUGH = {
    "ack": ("acknowledged", "received", "read"),
    "receipt": ("received", "read"),
}


def deliver(
    there: Running,
    account: str,
    recipients: Sequence[str],
    text: str,
    tell: Callable[[Delivery], None],
    *,
    subject: str = "",
    wait: str = "ack",
    timeout: float = 30.0,
) -> list[str]:
    """Send `text` from `account` to the `recipients`, and `tell` what became of each.

    `wait` is what counts as sent: `ack`, `receipt` or `none`; `timeout` bounds the time in which
    nothing is told, in seconds. Returns those who need a connection of their own, in order: rooms
    that the other is not in, and everybody where it is gone before anything was sent.
    """
    return _Run(there, account, recipients, text, tell, subject, wait, timeout).run()


class _Run:
    """One `deliver`: what is known of the message to each recipient, by its number."""

    def __init__(
        self,
        there: Running,
        account: str,
        recipients: Sequence[str],
        text: str,
        tell: Callable[[Delivery], None],
        subject: str,
        wait: str,
        timeout: float,
    ) -> None:
        self._there = there
        self._account = account
        self._text = text
        self._tell = tell
        self._subject = subject
        self._wait = wait
        self._timeout = timeout
        self._left = dict(zip(itertools.count(), recipients, strict=False))
        self._asked: set[int] = set()
        self._given: dict[int, tuple[str, str]] = {}
        self._elsewhere: list[int] = []
        self._recipients = tuple(recipients)

    def run(self) -> list[str]:
        reason = ""
        try:
            for number, to in self._left.items():
                self._there.ask(self._request(number, to))
                self._asked.add(number)
            while self._left:
                answers = self._there.answers(self._timeout)
                for told in answers:
                    self._take(told)
                if not answers:
                    reason = _("The running termxmpp has it, but no proof came in time.")
                    break
        except ConnectionFailed as error:
            reason = str(error)
        finally:
            self._tell_open(reason)
        return [self._recipients[number] for number in sorted(self._elsewhere)]

    def _request(self, number: int, to: str) -> dict[str, Any]:
        asked: dict[str, Any] = {"do": "send", "tag": number, "account": self._account}
        asked |= {"to": to, "text": self._text, "wait": self._wait}
        return asked | ({"subject": self._subject} if self._subject else {})

    def _take(self, told: Mapping[str, Any]) -> None:
        number = told.get("tag")
        if not isinstance(number, int) or number not in self._left:
            return
        to, fate = self._left[number], str(told.get("fate", ""))
        if told.get("elsewhere"):
            self._elsewhere.append(number)
            del self._left[number]
        elif "error" in told:
            status, reason = int(told.get("status", UNPROVEN)), str(told["error"])
            self._settle(number, Delivery(to, self._text, "", Outcome.UNSENT, status, reason))
        else:
            message_id, reason = str(told.get("id", "")), str(told.get("reason", ""))
            self._given[number] = message_id, fate
            if fate == "failed":
                bounced = Delivery(to, self._text, message_id, Outcome.BOUNCED, BOUNCED, reason)
                self._settle(number, bounced)
            elif self._wait == "none":
                self._settle(number, Delivery(to, self._text, message_id, Outcome.GIVEN, 0))
            elif fate in _FAR_ENOUGH[self._wait]:
                self._settle(number, Delivery(to, self._text, message_id, Outcome.PROVEN, 0))

    def _settle(self, number: int, delivery: Delivery) -> None:
        del self._left[number]
        self._tell(delivery)

    def _tell_open(self, reason: str) -> None:
        """What nothing is known of may leave yet; what was not even asked for goes elsewhere."""
        for number, to in self._left.items():
            if number not in self._asked:
                self._elsewhere.append(number)
                continue
            message_id = self._given.get(number, ("", ""))[0]
            self._tell(Delivery(to, self._text, message_id, Outcome.UNKNOWN, UNPROVEN, reason))
