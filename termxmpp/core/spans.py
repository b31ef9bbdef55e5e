"""How long ago and since when, in words that are short and no more exact than they need be."""

from __future__ import annotations

from datetime import datetime

from termxmpp.words import _, ngettext

__all__ = ["absence", "moment", "span"]

MINUTE, HOUR, DAY = 60, 3600, 86_400


def span(seconds: float) -> str:
    """So many `seconds` in their largest units; less than none are none."""
    seconds = max(0, int(seconds))
    if seconds < MINUTE:
        return ngettext("{count} second", "{count} seconds", seconds).format(count=seconds)
    if seconds < HOUR:
        count = seconds // MINUTE
        return ngettext("{count} minute", "{count} minutes", count).format(count=count)
    if seconds < DAY:
        return _("{hours} h {minutes} min").format(
            hours=seconds // HOUR, minutes=seconds % HOUR // MINUTE
        )
    count = seconds // DAY
    return ngettext("{count} day", "{count} days", count).format(count=count)


def moment(at: datetime, now: datetime) -> str:
    """The time of day `at` by the local clock, with its date if that is not today's."""
    local, today = at.astimezone(), now.astimezone()
    return f"{local:%H:%M}" if local.date() == today.date() else f"{local:%Y-%m-%d %H:%M}"


def absence(since: datetime | None, now: datetime) -> str:
    """In words that nobody has been there `since` then; empty for None, and for what is to come."""
    if since is None or since > now:
        return ""
    return _("nobody there since {time}").format(time=moment(since, now))
