"""Who runs a server, and where it says how it is (XEP-0157, XEP-0455): known for when it fails."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field

from termxmpp.values import dataclass

__all__ = ["CONTACTS", "OUTAGES", "UNKNOWN", "Service"]

# So much of it is kept: a server that says more means no good (addresses, characters).
MOST, LONGEST = 10, 500

CONTACTS = "http://jabber.org/network/serverinfo"
OUTAGES = "urn:xmpp:sos:0"

# The most helpful first; there are others, for those who complain (XEP-0157 §2).
KINDS = ("status", "support", "admin", "feedback", "security", "abuse", "sales")


@dataclass(frozen=True, slots=True)
class Service:
    """`contacts` are addresses by what they are for, `outages` where it says how it is."""

    contacts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    outages: tuple[str, ...] = ()

    @classmethod
    def told(
        cls, info: Mapping[str, Sequence[str]], outages: Mapping[str, Sequence[str]]
    ) -> Service:
        """What the forms of a server say: the fields of that about it, and of its outages."""
        contacts = {kind: _some(info.get(f"{kind}-addresses", ())) for kind in KINDS}
        known = {kind: some for kind, some in contacts.items() if some}
        return cls(known, _some(outages.get("external-status-addresses", ())))


UNKNOWN = Service()


def _some(addresses: Sequence[str]) -> tuple[str, ...]:
    return tuple(each for each in addresses if 0 < len(each) <= LONGEST)[:MOST]
