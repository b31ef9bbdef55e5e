"""A proxy as it is written, and as it may be shown."""

from __future__ import annotations

import pytest

from termxmpp.proxies import Proxy, ProxyKind, has_password, read_proxy, without_password

SOCKS5, HTTP = ProxyKind.SOCKS5, ProxyKind.HTTP


@pytest.mark.parametrize(
    ("text", "proxy"),
    [
        ("", None),
        ("none", None),
        ("socks5://127.0.0.1:9050", Proxy(SOCKS5, "127.0.0.1", 9050)),
        ("socks5h://localhost:1080/", Proxy(SOCKS5, "localhost", 1080)),
        ("SOCKS5://Proxy.Example:1", Proxy(SOCKS5, "proxy.example", 1)),
        ("http://[::1]:3128", Proxy(HTTP, "::1", 3128)),
        ("http://me@proxy:8080", Proxy(HTTP, "proxy", 8080, "me")),
        ("socks5://me:p%40ss%3A@proxy:1080", Proxy(SOCKS5, "proxy", 1080, "me", "p@ss:")),
        ("socks5://m%C3%A9:x@proxy:1080", Proxy(SOCKS5, "proxy", 1080, "mé", "x")),
    ],
)
def test_what_is_written_is_read(text: str, proxy: Proxy | None) -> None:
    assert read_proxy(text) == proxy


@pytest.mark.parametrize(
    "text",
    [
        "proxy:1080",
        "127.0.0.1:9050",
        "socks5:127.0.0.1:9050",
        "socks4://proxy:1080",
        "https://proxy:443",
        "socks5://proxy",
        "socks5://:1080",
        "socks5://proxy:0",
        "socks5://proxy:65536",
        "socks5://proxy:port",
        "socks5://pro xy:1080",
        "socks5://proxy:1080/path",
        "socks5://proxy:1080?a=b",
        "socks5://[::1:1080",
        "http://a%3Ab:pw@proxy:80",
        f"socks5://{'n' * 256}:pw@proxy:80",
        f"socks5://n:{'é' * 128}@proxy:80",
        "http://pro\r\nxy:80",
    ],
)
def test_what_means_nothing_is_told_without_being_said_again(text: str) -> None:
    with pytest.raises(ValueError, match=r"proxy|HOST:PORT") as raised:
        read_proxy(text)
    assert "pw" not in str(raised.value)


def test_a_password_is_shown_nowhere() -> None:
    proxy = read_proxy("socks5://me:secret@proxy:1080")
    assert str(proxy) == "socks5://proxy:1080"
    assert "secret" not in repr(proxy)
    assert str(read_proxy("http://[::1]:1")) == "http://[::1]:1"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("socks5://me:secret@proxy:1080", "socks5://me:***@proxy:1080"),
        ("http://me:se:c/ret@proxy:1", "http://me:***@proxy:1"),
        ("http://me:se@cret@proxy:1", "http://me:***@proxy:1"),
        ("http://me@home:secret@proxy:1", "http://me@home:***@proxy:1"),
        ("http://:secret@proxy:1", "http://:***@proxy:1"),
        ("socks5://me@proxy:1080", "socks5://me@proxy:1080"),
        ("socks5://proxy:1080", "socks5://proxy:1080"),
        ("xmpp.example.org:5222", "xmpp.example.org:5222"),
    ],
)
def test_what_may_be_shown_of_it(text: str, shown: str) -> None:
    assert without_password(text) == shown
    assert has_password(text) is (shown != text)
    # What is masked is a password still: nobody means it.
    assert has_password(shown) is has_password(text)
