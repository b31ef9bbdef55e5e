"""XEP-0012 and XEP-0319 on the wire: how long ago, and since when."""

from __future__ import annotations

from datetime import UTC, datetime
from xml.etree.ElementTree import Element

import pytest
from hypothesis import given
from hypothesis import strategies as st

from termxmpp.xmpp.last_activity import IDLE_NS, NS, IdlePayload, LastPayload
from tests.support.harness import NOON
from tests.support.rubbish import reads, rubbish

LAST, IDLE = f"{{{NS}}}query", f"{{{IDLE_NS}}}idle"


@pytest.mark.parametrize(
    "payload", [LastPayload(), LastPayload(0), LastPayload(903, "Heading home")]
)
def test_what_is_written_is_read(payload: LastPayload) -> None:
    assert LastPayload.from_xml(payload.as_xml()) == payload


@given(st.datetimes(timezones=st.just(UTC), min_value=datetime(1970, 1, 1)))
def test_since_when_is_told_to_the_second(since: datetime) -> None:
    whole = since.replace(microsecond=0)
    assert IdlePayload.from_xml(IdlePayload(since).as_xml()) == IdlePayload(whole)


@pytest.mark.parametrize("text", ["2026-01-02T13:00:00+01:00", "2026-01-02T12:00:00Z"])
def test_a_zone_is_minded(text: str) -> None:
    assert IdlePayload.from_xml(Element(IDLE, {"since": text})).since == NOON


@pytest.mark.parametrize("seconds", ["-1", "1.5", "many", "9" * 11, "9" * 5000, "\u0661"])
def test_what_is_no_time_is_none(seconds: str) -> None:
    assert reads(LastPayload, Element(LAST, {"seconds": seconds})) is None


@pytest.mark.parametrize(
    "since", ["", "yesterday", "2026-01-02T12:00:00", "0001-01-01T00:00:00+14:00"]
)
def test_a_time_without_a_zone_or_none_at_all_is_none(since: str) -> None:
    assert reads(IdlePayload, Element(IDLE, {"since": since})) is None


@given(rubbish(LAST, ["seconds"]), rubbish(IDLE, ["since"]))
def test_rubbish_is_read_or_is_none(last: Element, idle: Element) -> None:
    reads(LastPayload, last)
    reads(IdlePayload, idle)
