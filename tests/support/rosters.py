"""Rosters as a private Prosody finds them on its disk."""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["stored_roster"]


def stored_roster(contacts: Iterable[tuple[str, str, str]]) -> str:
    """The record for (address, name, group), all of them subscribed both ways."""
    items = [
        f'["{address}"] = {{ subscription = "both"; name = "{name}"; '
        f'groups = {{ ["{group}"] = true; }}; }};'
        for address, name, group in contacts
    ]
    return "\n".join(["return {", "[false] = { version = 1; };", *items, "}", ""])
