"""xmpp: URIs, as links hold them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from termxmpp.core.jid import Jid
from termxmpp.core.uris import XmppUri, is_uri
from termxmpp.errors import DataError

ROMEO = Jid.parse("romeo@example.com")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("xmpp:romeo@example.com", XmppUri(ROMEO)),
        ("XMPP:romeo@example.com?message", XmppUri(ROMEO, "message")),
        (
            "xmpp:romeo@example.com?roster;preauth=TOKEN;ibr=y;name=Romeo%20M.",
            XmppUri(ROMEO, "roster", {"preauth": "TOKEN", "ibr": "y", "name": "Romeo M."}),
        ),
        (
            "xmpp:example.com?register;preauth=a%3Db",
            XmppUri(Jid("", "example.com"), "register", {"preauth": "a=b"}),
        ),
        ("xmpp://me@here.org/romeo@example.com?join", XmppUri(ROMEO, "join")),
        ("xmpp:romeo@example.com#fragment", XmppUri(ROMEO)),
        ("xmpp:a%20b@example.com", None),
        ("xmpp:", None),
        ("xmpp://host", None),
        ("https://example.com", None),
        ("xmpp:" + "a" * 9000, None),
    ],
)
def test_what_it_says(text: str, found: XmppUri | None) -> None:
    if found is None:
        with pytest.raises(DataError):
            XmppUri.parse(text)
    else:
        assert XmppUri.parse(text) == found


@given(st.text(max_size=60))
def test_rubbish_is_one_or_none(text: str) -> None:
    assert is_uri(f"xmpp:{text}")
    try:
        found = XmppUri.parse(f"xmpp:{text}")
    except DataError:
        return
    assert found.jid.domain
