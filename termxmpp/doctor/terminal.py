"""What the terminal is, and what the program will use of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from termxmpp.doctor.findings import Finding, fine, note, wrong
from termxmpp.values import dataclass
from termxmpp.words import _

__all__ = ["TerminalFacts", "between", "check_terminal"]

# Under this nothing can be read any more.
FEWEST_COLUMNS, FEWEST_ROWS = 30, 8

DEPTHS = {4: 16, 8: 256}

# Who stands between us and the terminal, by the variables that they set.
_WITHIN = {"TMUX": "tmux", "STY": "screen", "SSH_CONNECTION": "ssh"}


@dataclass(frozen=True, slots=True)
class TerminalFacts:
    """The terminal as the program takes it.

    `depth` is how many bits a colour has, 1 is none; `encoding` that of the locale. `within` are
    the programs between us and the terminal: tmux, screen, ssh. `has_focus_reports`: it has told
    whether it is looked at. `notifications` is by what it notifies: osc9, osc99, osc777 or off.
    If it `has_lines`, nothing but lines of text is written to it (`--plain`).
    """

    term: str
    depth: int
    encoding: str
    columns: int
    rows: int
    within: tuple[str, ...] = ()
    has_focus_reports: bool = False
    has_links: bool = False
    notifications: str = "off"
    has_no_color: bool = False
    has_lines: bool = False


def between(environment: Mapping[str, str]) -> tuple[str, ...]:
    """Who stands between us and the terminal, as `environment` tells."""
    return tuple(name for variable, name in _WITHIN.items() if environment.get(variable))


def check_terminal(facts: TerminalFacts) -> Iterator[Finding]:
    """What of it is missing, or as it should be."""
    if facts.columns < FEWEST_COLUMNS or facts.rows < FEWEST_ROWS:
        yield note(
            _("The terminal is small: {columns} columns and {rows} lines.").format(
                columns=facts.columns, rows=facts.rows
            ),
            _("Make it larger."),
        )
    elif not facts.has_lines and (not facts.term or facts.term in ("dumb", "unknown")):
        yield note(
            _("TERM is {term}, which tells nothing of the terminal.").format(
                term=facts.term or _("empty")
            ),
            _("Set TERM to what your terminal is, often xterm-256color."),
        )
    else:
        yield fine(
            _("The terminal is {term}, with {columns} columns and {rows} lines.").format(
                term=facts.term or _("empty"), columns=facts.columns, rows=facts.rows
            )
        )
    if facts.has_lines:
        yield fine(_("Lines are written, without colours, and none is ever changed."))
    else:
        yield _colours(facts)
    if facts.encoding.lower().replace("-", "") != "utf8":
        yield wrong(
            _("The locale's encoding is {name}: most letters can't be shown.").format(
                name=facts.encoding
            ),
            _("Set LANG to a locale with UTF-8, such as C.UTF-8."),
        )
    else:
        yield fine(_("The locale is UTF-8."))
    yield from _within(facts)
    if not facts.has_lines:
        yield from _abilities(facts)


def _colours(facts: TerminalFacts) -> Finding:
    if facts.has_no_color:
        return note(_("NO_COLOR is set, so there are no colours."))
    if facts.depth <= 1:
        return note(
            _("The terminal counts as one without colours."),
            _("If it has them, set TERM, or COLORTERM=truecolor."),
        )
    if facts.depth >= 24:
        return fine(_("All colours are used."))
    count = DEPTHS.get(facts.depth, 16)
    return fine(_("{count} colours are used.").format(count=count))


def _within(facts: TerminalFacts) -> Iterator[Finding]:
    if facts.within:
        names = ", ".join(facts.within)
        yield note(_("Between termxmpp and the terminal: {names}.").format(names=names))
    if "tmux" in facts.within:
        yield note(
            _("tmux passes on what copies and notifies only if it may."),
            _(
                "In tmux: set -g set-clipboard on; set -g allow-passthrough on; "
                "set -g focus-events on."
            ),
        )


def _abilities(facts: TerminalFacts) -> Iterator[Finding]:
    if facts.has_focus_reports:
        yield fine(_("The terminal tells when it is looked at."))
    else:
        yield note(
            _("The terminal has not told yet whether it is looked at, so it counts as looked at.")
        )
    if facts.has_links:
        yield fine(_("Links are told to the terminal as such (OSC 8); it copies by OSC 52."))
    else:
        yield note(_("Links are not told to this terminal as such (OSC 8); /open opens them."))
    if facts.notifications == "off":
        yield note(
            _("The terminal is not known to show notifications."),
            _("If it does: /set notify.terminal osc9, osc99 or osc777."),
        )
    else:
        yield fine(
            _("Notifications are shown by the terminal ({name}).").format(name=facts.notifications)
        )
