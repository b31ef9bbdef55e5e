"""XEP-0202 on the wire: what time it is there."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from xml.etree.ElementTree import Element, fromstring

import pytest
from hypothesis import given
from hypothesis import strategies as st

from termxmpp.xmpp.entity_time import NS, TimePayload
from tests.support.harness import NOON
from tests.support.rubbish import reads, rubbish

TAG = f"{{{NS}}}time"

zones = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


def time(utc: str, tzo: str = "") -> Element:
    return fromstring(f"<time xmlns='{NS}'><tzo>{tzo}</tzo><utc>{utc}</utc></time>")


@given(
    st.datetimes(timezones=zones, min_value=datetime(1970, 1, 1), max_value=datetime(9999, 1, 1))
)
def test_what_is_written_is_read(at: datetime) -> None:
    read = TimePayload.from_xml(TimePayload(at).as_xml()).at
    assert read is not None
    assert read == at.replace(microsecond=0)
    assert read.utcoffset() == at.utcoffset()


@pytest.mark.parametrize(
    ("tzo", "hour"), [("", 12), ("Z", 12), ("+00:00", 12), ("-06:00", 6), ("+05:30", 17)]
)
def test_the_clock_there_is_read(tzo: str, hour: int) -> None:
    at = TimePayload.from_xml(time("2026-01-02T12:00:00Z", tzo)).at
    assert at == NOON
    assert at is not None
    assert at.hour == hour


@pytest.mark.parametrize(
    ("utc", "tzo"),
    [
        ("noon", ""),
        ("2026-01-02T12:00:00Z", "later"),
        ("2026-01-02T12:00:00Z", "+99:00"),
        ("0001-01-01T00:00:00Z", "-14:00"),
        ("9999-12-31T23:59:59Z", "+14:00"),
    ],
)
def test_what_is_no_time_is_none(utc: str, tzo: str) -> None:
    assert reads(TimePayload, time(utc, tzo)) is None


def test_who_leaves_out_the_zone_means_utc() -> None:
    assert TimePayload.from_xml(time("2026-01-02T12:00:00", "+00:00")).at == NOON


def test_a_question_has_none() -> None:
    assert TimePayload.from_xml(TimePayload().as_xml()) == TimePayload()


@given(rubbish(TAG, (), (f"{{{NS}}}utc", f"{{{NS}}}tzo")))
def test_rubbish_is_read_or_is_none(element: Element) -> None:
    found = reads(TimePayload, element)
    assert found is None or found.at is None or found.at.tzinfo is not None
