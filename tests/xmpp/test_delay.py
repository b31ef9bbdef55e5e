"""XEP-0203: a stamp is a time with a zone, or nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from xml.etree.ElementTree import Element

import pytest
from hypothesis import given
from hypothesis import strategies as st

from termxmpp.core.jid import Jid
from termxmpp.xmpp.delay import NS, DelayPayload, parse_stamp
from tests.support.harness import BOB, NOON
from tests.support.rubbish import reads, rubbish

TAG = f"{{{NS}}}delay"

times = st.datetimes(datetime(1971, 1, 1), datetime(9990, 1, 1)).map(
    lambda at: at.replace(microsecond=0, tzinfo=UTC)
)


@given(times, st.sampled_from([None, BOB, Jid("", "example.org")]))
def test_what_is_written_is_read(at: datetime, by: Jid | None) -> None:
    delay = DelayPayload(at, by)
    assert DelayPayload.from_xml(delay.as_xml()) == delay


def test_it_is_written_in_utc_whatever_the_zone() -> None:
    """§2: the stamp is expressed in UTC."""
    at = datetime(2026, 1, 2, 13, 30, tzinfo=timezone(timedelta(hours=1, minutes=30)))
    assert DelayPayload(at).as_xml().attrib == {"stamp": "2026-01-02T12:00:00Z"}


@pytest.mark.parametrize(
    "stamp",
    [
        "2026-01-02T12:00:00Z",
        "2026-01-02T12:00:00.000Z",
        "2026-01-02T12:00:00.000000000Z",
        "2026-01-02T12:00:00+00:00",
        "2026-01-02T13:30:00+01:30",
        "2026-01-02T12:00:00",
    ],
)
def test_the_forms_of_a_time(stamp: str) -> None:
    assert parse_stamp(stamp) == NOON


@pytest.mark.parametrize(
    "stamp",
    ["", "noon", "12:00", "2026-13-01T00:00:00Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"],
)
def test_what_is_no_time_is_refused(stamp: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  # datetime's words are its own
        parse_stamp(stamp)


def test_a_name_that_is_no_address_costs_no_stamp() -> None:
    """Who delayed it is only recommended to be said (§2)."""
    element = Element(TAG, {"stamp": "2026-01-02T12:00:00Z", "from": "@"})
    assert DelayPayload.from_xml(element) == DelayPayload(NOON)


@given(rubbish(TAG, ("stamp", "from")))
def test_rubbish_is_refused_or_read(element: Element) -> None:
    delay = reads(DelayPayload, element)
    assert delay is None or delay.at.tzinfo is not None
