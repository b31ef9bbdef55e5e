"""A short run of everything failing: no message is lost, doubled, out of order, or lied about.

`python -m tests.faults` is the long one, and prints its seed.
"""

from __future__ import annotations

import asyncio

import pytest

from tests.faults.chaos import Plan, chaos


@pytest.mark.parametrize(
    "plan",
    [
        Plan(seed=1, messages=100, faults=24, server="prosody"),
        Plan(seed=2, messages=40, faults=10, server="ejabberd"),
    ],
    ids=lambda plan: plan.server,
)
@pytest.mark.timeout(300)
def test_whatever_fails_every_message_has_one_known_fate(plan: Plan) -> None:
    outcome = asyncio.run(chaos(plan))
    assert outcome.is_good, str(outcome)
    assert sum(outcome.faults.values()) == plan.faults
