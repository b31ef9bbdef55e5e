"""Links: what is one, where it ends, and what never is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from termxmpp.core.links import link_spans, links


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("see https://example.org/tea, and that", ["https://example.org/tea"]),
        ("(https://example.org/a_(b)) or https://example.org/c).",
         ["https://example.org/a_(b)", "https://example.org/c"]),
        ("<https://example.org/a>", ["https://example.org/a"]),
        ("HTTP://EXAMPLE.ORG", ["HTTP://EXAMPLE.ORG"]),
        ("xmpp:club@conference.example.org?join and mailto:a@b.c",
         ["xmpp:club@conference.example.org?join", "mailto:a@b.c"]),
        ("geo:52.5,13.4", ["geo:52.5,13.4"]),
        ("https://a.b https://a.b", ["https://a.b"]),
        ("https://müller.example/straße?q=好", ["https://müller.example/straße?q=好"]),
        ("https://a.b/x\u202ecod.exe", ["https://a.b/x"]),
        ("https://a.b/x\x1b[2J", ["https://a.b/x"]),
        ("https://", []),
        ("https://).", []),
        ("xhttps://a.b", []),
        ("file:///etc/passwd", []),
        ("javascript:alert(1)", []),
        ("https://a.b/" + "x" * 5000, []),
    ],
)  # fmt: skip
def test_what_is_a_link_and_where_it_ends(text: str, found: list[str]) -> None:
    assert links(text) == found


@given(st.text(), st.text())
def test_no_text_makes_a_link_that_shows_something_else(before: str, behind: str) -> None:
    text = f"{before} https://a.b/{behind}"
    for start, end in link_spans(text):
        link = text[start:end]
        assert not any(char.isspace() or ord(char) < 33 for char in link)
        assert link.split(":")[0].lower() in ("http", "https", "xmpp", "mailto", "geo")
