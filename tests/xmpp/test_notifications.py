"""XEP-0492 in bookmarks: what is for us, and what stays as it is."""

from __future__ import annotations

from xml.etree.ElementTree import fromstring, tostring

import pytest

from termxmpp.core.telling import Rule
from termxmpp.xmpp.notifications import read_rule, with_rule

NS = "urn:xmpp:notification-settings:1"
PHONE = "<never identity-category='client' identity-type='phone'/>"


def bookmark(inside: str) -> str:
    return (
        "<conference xmlns='urn:xmpp:bookmarks:1' autojoin='true'><extensions>"
        f"<other xmlns='urn:other'/><notify xmlns='{NS}'>{inside}</notify></extensions>"
        "</conference>"
    )


@pytest.mark.parametrize(
    ("inside", "rule"),
    [
        ("<always/>", Rule.ALL),
        ("<never/><on-mention identity-category='client'/>", Rule.MENTIONS),
        ("<always identity-category='client' identity-type='console'/><never/>", Rule.ALL),
        (PHONE, None),
        ("<never identity-type='console'/>", None),
        ("<rubbish/>", None),
        ("", None),
    ],
)
def test_the_most_specific_setting_holds(inside: str, rule: Rule | None) -> None:
    assert read_rule(fromstring(bookmark(inside))) is rule


@pytest.mark.parametrize("rule", list(Rule))
def test_what_others_have_set_stays(rule: Rule) -> None:
    before = fromstring(bookmark(PHONE))
    after = with_rule(before, rule)
    assert read_rule(after) is rule
    text = tostring(after, encoding="unicode")
    assert "urn:other" in text
    assert 'identity-type="phone"' in text
    assert after.get("autojoin") == "true"
    assert read_rule(before) is None
