"""Sending from scripts: wall and processor, and what is proven when the program ends."""

from __future__ import annotations

from collections.abc import Sequence

from tests.bench.beside.plan import Plan
from tests.bench.clients import Client
from tests.bench.send import ready
from tests.bench.tables import Figures

__all__ = ["measure"]


def measure(figures: Figures, clients: Sequence[Client], plan: Plan) -> None:
    """Rounds of each number of messages; who chats in a terminal has no part in it."""
    with ready() as (senders, environment):
        for count in plan.sent:
            for number in range(1 + plan.rounds):
                for sender in senders:
                    with figures.attempt("sending", sender.name):
                        wall, used = sender.run(count, environment)
                        if number:
                            what = "one message" if count == 1 else f"{count:,} messages"
                            values = {f"{what}, ms": wall, f"{what}: CPU, ms": used}
                            figures.add("sending", sender.name, values)
        proofs = "; ".join(f"{sender.name}: {sender.proof}" for sender in senders)
        figures.note("sending", f"Proof before it ends: {proofs}.")
        figures.note(
            "sending",
            "What arrives is not counted here. In a trial on 2026-11-25 all of 1,000 messages of "
            "termxmpp and sendxmpp had, and 660 of go-sendxmpp's, which ends with its input.",
        )
