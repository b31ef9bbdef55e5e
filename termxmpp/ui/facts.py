"""What the screen knows of its terminal, for who wants to be told (`/doctor`)."""

from __future__ import annotations

import locale
from collections.abc import Mapping

from prompt_toolkit.data_structures import Size

from termxmpp.doctor.terminal import TerminalFacts, between
from termxmpp.telling.terminal import spoken_by
from termxmpp.ui.colours import depth_of
from termxmpp.ui.hyperlinks import knows_links

__all__ = ["terminal_facts"]


def terminal_facts(
    environment: Mapping[str, str], size: Size, notifications: str, *, has_focus_reports: bool
) -> TerminalFacts:
    """The terminal that `environment` tells of, as it is used; `notifications` as set."""
    return TerminalFacts(
        environment.get("TERM", ""),
        depth_of(environment),
        locale.getencoding(),
        size.columns,
        size.rows,
        between(environment),
        has_focus_reports,
        knows_links(environment),
        spoken_by(environment) if notifications == "auto" else notifications,
        bool(environment.get("NO_COLOR")),
    )
