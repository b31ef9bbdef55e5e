"""Addresses: what is one, and which are the same."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from termxmpp.core.jid import Jid
from termxmpp.errors import DataError


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("juliet@example.com", ("juliet", "example.com", "")),
        ("juliet@example.com/foo", ("juliet", "example.com", "foo")),
        ("juliet@example.com/foo bar", ("juliet", "example.com", "foo bar")),
        ("juliet@example.com/foo@bar", ("juliet", "example.com", "foo@bar")),
        ("juliet@example.com/a/b", ("juliet", "example.com", "a/b")),
        ("example.com", ("", "example.com", "")),
        ("example.com/foobar", ("", "example.com", "foobar")),
        ("Juliet@EXAMPLE.com/Foo", ("juliet", "example.com", "Foo")),
        ("  bob@example.org\n", ("bob", "example.org", "")),
        ("bob@example.org.", ("bob", "example.org", "")),
        ("bob@[::1]", ("bob", "[::1]", "")),
        ("bob@localhost", ("bob", "localhost", "")),
        ("fußball@example.com", ("fussball", "example.com", "")),
        ("Σ@example.com", ("σ", "example.com", "")),
        ("\u00bd@example.com", ("1\u20442", "example.com", "")),
        ("ｂｏｂ@ｅxample.org", ("bob", "example.org", "")),
        ("bob@BÜCHER.example", ("bob", "bücher.example", "")),
        ("bob@xn--bcher-kva.example", ("bob", "bücher.example", "")),
        ("space cadet@example.com", None),
        ('call me "ishmael"@example.com', None),
        ("juliet@", None),
        ("@example.com", None),
        ("/foobar", None),
        ("juliet@example.com/", None),
        ("a@b@c", None),
        ("henry\u0007@example.com", None),
        ("henry@example.com/\u0007", None),
        ("\ue000@example.com", None),
        ("", None),
        ("x" * 1024 + "@example.com", None),
        ("juliet@example.com/" + "x" * 1024, None),
        ("juliet@exa mple.com", None),
        ("juliet@-example.com", None),
        ("juliet@" + "x" * 64 + ".com", None),
    ],
)
def test_what_is_an_address(text: str, parts: tuple[str, str, str] | None) -> None:
    """The examples of RFC 7622 §3.5 among them."""
    if parts is None:
        with pytest.raises(DataError, match="is no XMPP address"):
            Jid.parse(text)
    else:
        assert Jid.parse(text) == Jid(*parts)


@given(st.text())
def test_any_text_is_an_address_or_is_refused_and_preparing_is_stable(text: str) -> None:
    try:
        jid = Jid.parse(text)
    except DataError:
        return
    assert Jid.parse(str(jid)) == jid


def test_the_bare_address_has_no_resource() -> None:
    jid = Jid.parse("bob@example.org/desk")
    assert jid.bare == Jid.parse("bob@example.org")
    assert jid.bare.is_bare
    assert not jid.is_bare
    assert jid.bare.with_resource("desk") == jid
    assert str(jid) == "bob@example.org/desk"
