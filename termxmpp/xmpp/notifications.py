"""The wire form of XEP-0492 Chat Notification Settings, in a bookmark of a room (XEP-0402).

What others have put there, and what they have set for other kinds of clients, stays as it is.
"""

from __future__ import annotations

from copy import deepcopy
from xml.etree.ElementTree import Element, SubElement

from termxmpp.core.telling import Rule

__all__ = ["BOOKMARKS", "CONFERENCE", "read_rule", "with_rule"]

BOOKMARKS = "urn:xmpp:bookmarks:1"
"""The node of the bookmarks, and their namespace."""

NS = "urn:xmpp:notification-settings:1"
CONFERENCE, EXTENSIONS = f"{{{BOOKMARKS}}}conference", f"{{{BOOKMARKS}}}extensions"
NOTIFY, ADVANCED = f"{{{NS}}}notify", f"{{{NS}}}advanced"

# What termxmpp says of itself in disco#info.
CATEGORY, KIND = "client", "console"

_RULES = {
    f"{{{NS}}}always": Rule.ALL,
    f"{{{NS}}}on-mention": Rule.MENTIONS,
    f"{{{NS}}}never": Rule.NONE,
}
_TAGS = {rule: tag for tag, rule in _RULES.items()}


def read_rule(conference: Element) -> Rule | None:
    """The rule that a bookmark sets for us: the one most specific to a client as we are (§3)."""
    notify = conference.find(f"{EXTENSIONS}/{NOTIFY}")
    if notify is None:
        return None
    best = max((each for each in notify if _weight(each) > 0), key=_weight, default=None)
    return None if best is None else _RULES[best.tag]


def with_rule(conference: Element, rule: Rule | None) -> Element:
    """A copy of the bookmark that sets `rule` for us; None takes the setting away.

    Where a setting is for clients of our kind it is changed, else the one for all.
    """
    changed = deepcopy(conference)
    extensions = changed.find(EXTENSIONS)
    if extensions is None:
        extensions = SubElement(changed, EXTENSIONS)
    notify = extensions.find(NOTIFY)
    if notify is None:
        notify = SubElement(extensions, NOTIFY)
    ours = max((each for each in notify if _weight(each) > 0), key=_weight, default=None)
    if rule is None:
        if ours is not None and ours.find(ADVANCED) is None:
            notify.remove(ours)
    elif ours is None:
        SubElement(notify, _TAGS[rule])
    else:
        # What somebody else has set below it in finer grain stays (§3).
        ours.tag = _TAGS[rule]
        if _weight(ours) > 1 and not any(_weight(each) == 1 for each in notify):
            SubElement(notify, _TAGS[rule])
    if len(notify) == 0:
        extensions.remove(notify)
    return changed


def _weight(setting: Element) -> int:
    """How much a setting is meant for us: 0 not at all, 3 for exactly such a client."""
    if setting.tag not in _RULES:
        return 0
    category, kind = setting.get("identity-category"), setting.get("identity-type")
    if category is None:
        return 1 if kind is None else 0
    if category != CATEGORY or kind not in (None, KIND):
        return 0
    return 2 if kind is None else 3
