"""How much is measured: the whole, or a little of each, to try it."""

from __future__ import annotations

from dataclasses import dataclass, replace

__all__ = ["FULL", "QUICK", "Plan"]


@dataclass(frozen=True)
class Plan:
    """`rounds` of each part; `seconds` of idleness in each state, and so on."""

    rounds: int = 5
    seconds: float = 60.0
    contacts: tuple[tuple[int, int], ...] = ((50, 50), (10_000, 500))  # (how many, online)
    messages: int = 5000
    keys: int = 250
    people: int = 1000
    said: int = 1000
    sent: tuple[int, ...] = (1, 100, 1000)
    inserted: int = 100_000
    searched: int = 1_000_000

    def of(self, rounds: int | None) -> Plan:
        """The same with other rounds."""
        return self if rounds is None else replace(self, rounds=rounds)

    @property
    def few(self) -> int:
        """Rounds of what takes minutes each."""
        return min(self.rounds, 3)


FULL = Plan()
QUICK = Plan(
    rounds=1,
    seconds=10.0,
    contacts=((50, 50), (1000, 50)),
    messages=1000,
    keys=40,
    people=200,
    said=200,
    inserted=5000,
    searched=50_000,
)
