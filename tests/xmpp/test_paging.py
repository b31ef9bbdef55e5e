"""XEP-0059: the bounds of a page, as asked for and as answered."""

from __future__ import annotations

from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import pytest
from hypothesis import given
from hypothesis import strategies as st

from termxmpp.xmpp.paging import NS, Page
from termxmpp.xmpp.stanzas import as_text
from tests.support.rubbish import rubbish

TAG = f"{{{NS}}}set"
NAMES = ("max", "before", "after", "first", "last", "count")

numbers = st.none() | st.integers(0, 2**63)
ids = st.text(st.characters(codec="utf-8", exclude_categories=["C"]), max_size=9)
pages = st.builds(Page, numbers, st.none() | ids, st.none() | ids, ids, ids, numbers)


@given(pages)
def test_what_is_written_is_read(page: Page) -> None:
    assert Page.from_xml(page.as_xml()) == page


@pytest.mark.parametrize(
    ("page", "inner"),
    [
        (Page(), ""),
        (Page(10, ""), "<max>10</max><before/>"),
        (Page(10, "m9"), "<max>10</max><before>m9</before>"),
        (Page(0, after="m1"), "<max>0</max><after>m1</after>"),
    ],
)
def test_a_question_has_only_the_bounds_that_it_needs(page: Page, inner: str) -> None:
    """§2.5: an empty `<before/>` asks for the last page; none asks for the first."""
    whole = f"<set xmlns='{NS}'>{inner}</set>"
    assert as_text(page.as_xml()) == as_text(ElementTree.fromstring(whole))


def test_an_answer_is_read() -> None:
    """§2.1: the place of the first item is not needed."""
    answer = f"<set xmlns='{NS}'><first index='7'>a</first><last>b</last><count> 800 </count></set>"
    page = Page.from_xml(ElementTree.fromstring(answer))
    assert page == Page(first="a", last="b", count=800)


@pytest.mark.parametrize("count", ["", "-1", "many", "1.5", "٣", "9" * 5000])
def test_a_number_that_is_none_is_as_good_as_absent(count: str) -> None:
    element = Element(TAG)
    ElementTree.SubElement(element, f"{{{NS}}}count").text = count
    assert Page.from_xml(element) == Page()


@given(rubbish(TAG, ("index",), [f"{{{NS}}}{name}" for name in NAMES]))
def test_rubbish_is_read_as_what_it_holds(element: Element) -> None:
    page = Page.from_xml(element)
    assert page.count is None or page.count >= 0
