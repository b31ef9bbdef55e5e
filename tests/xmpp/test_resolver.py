"""The resolver, asking a name server on loopback."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import TypeVar

import pytest

from termxmpp.errors import ConfigError, ResolveFailed
from termxmpp.mainloop import EpollMainLoop, run
from termxmpp.xmpp.resolver import Candidate, Kind, Resolver, parse_server
from tests.support.leaks import nothing_left
from tests.support.nameserver import SERVFAIL, SILENCE, TRUNCATED, Nameserver, nameserver

T = TypeVar("T")

DIRECT = "_xmpps-client._tcp.example.org SRV"
STARTTLS = "_xmpp-client._tcp.example.org SRV"


@pytest.fixture
def hosts(tmp_path: Path) -> Path:
    found = tmp_path / "hosts"
    found.write_text("127.0.0.9 here.example  Other.example # a comment\nrubbish here.example\n")
    return found


def ask(
    zone: Mapping[str, str],
    question: Callable[[Resolver], Awaitable[T]],
    *,
    hosts: Path = Path("/nonexistent"),
    timeout: float = 5.0,
    seed: int = 0,
) -> tuple[T, Nameserver]:
    """What `question` brings, and the server that was asked; nothing may be left behind."""

    async def main(mainloop: EpollMainLoop) -> tuple[T, Nameserver]:
        async with nothing_left(), nameserver(zone) as server:
            resolver = Resolver(
                [server.address], hosts_file=hosts, timeout=timeout, rng=random.Random(seed)
            )
            return await question(resolver), server

    return run(main)


def services(zone: Mapping[str, str], domain: str = "example.org", seed: int = 0) -> list[str]:
    """The candidates for `domain` as HOST:PORT, those for direct TLS marked."""
    found, _ = ask(zone, lambda resolver: resolver.services(domain), seed=seed)
    return [f"{each.host}:{each.port}{' direct' if each.is_direct_tls else ''}" for each in found]


def test_both_kinds_of_service_are_sorted_together() -> None:
    zone = {
        DIRECT: "20 0 443 late.example.org.\n5 0 5223 first.example.org.",
        STARTTLS: "10 0 5222 middle.example.org.",
    }
    assert services(zone) == [
        "first.example.org:5223 direct",
        "middle.example.org:5222",
        "late.example.org:443 direct",
    ]


def test_among_equals_the_weight_is_the_share() -> None:
    zone = {STARTTLS: "1 30 5222 heavy.example.org.\n1 10 5222 light.example.org."}

    async def first_of_many(resolver: Resolver) -> Counter[str]:
        return Counter([(await resolver.services("example.org"))[0].host for _ in range(400)])

    counted, _ = ask(zone, first_of_many)
    assert 260 < counted["heavy.example.org"] < 340


def test_a_weight_of_nothing_is_rarely_first_among_others() -> None:
    zone = {STARTTLS: "1 0 5222 zero.example.org.\n1 60 5222 heavy.example.org."}

    async def first_of_many(resolver: Resolver) -> Counter[str]:
        return Counter([(await resolver.services("example.org"))[0].host for _ in range(200)])

    counted, _ = ask(zone, first_of_many)
    assert counted["zero.example.org"] < 20


def test_without_any_record_it_is_the_domain_itself() -> None:
    assert services({"example.org A": "192.0.2.1"}) == ["example.org:5222"]
    assert services({}) == ["example.org:5222"]


def test_with_records_it_is_not_the_domain() -> None:
    assert services({STARTTLS: "1 1 5222 xmpp.example.org."}) == ["xmpp.example.org:5222"]
    assert services({DIRECT: "1 1 443 xmpp.example.org."}) == ["xmpp.example.org:443 direct"]


def test_no_direct_tls_leaves_starttls() -> None:
    denied = {DIRECT: "0 0 0 ."}
    assert services(denied | {STARTTLS: "1 1 5222 xmpp.example.org."}) == ["xmpp.example.org:5222"]
    assert services(denied) == ["example.org:5222"]


@pytest.mark.parametrize("zone", [{STARTTLS: "0 0 0 ."}, {STARTTLS: "0 0 0 .", DIRECT: "0 0 0 ."}])
def test_a_service_that_is_denied_is_not_looked_for_elsewhere(zone: dict[str, str]) -> None:
    with pytest.raises(ResolveFailed, match=r"example\.org says that it has no XMPP service"):
        services(zone)


def test_direct_tls_stands_where_only_starttls_is_denied() -> None:
    zone = {STARTTLS: "0 0 0 .", DIRECT: "1 1 443 xmpp.example.org."}
    assert services(zone) == ["xmpp.example.org:443 direct"]


def test_a_failing_question_is_told_and_nothing_is_guessed() -> None:
    with pytest.raises(ResolveFailed, match="no name server could answer"):
        services({STARTTLS: SERVFAIL, "example.org A": "192.0.2.1"})


def test_one_kind_that_fails_does_not_hide_the_other() -> None:
    zone = {DIRECT: SERVFAIL, STARTTLS: "1 1 5222 xmpp.example.org."}
    assert services(zone) == ["xmpp.example.org:5222"]


def test_one_kind_that_is_silent_costs_a_second() -> None:
    zone = {DIRECT: SILENCE, STARTTLS: "1 1 5222 xmpp.example.org."}

    async def timed(resolver: Resolver) -> float:
        loop = asyncio.get_running_loop()
        began = loop.time()
        assert len(await resolver.services("example.org")) == 1
        return loop.time() - began

    took, _ = ask(zone, timed)
    assert 0.9 < took < 2


def test_silence_is_told_after_its_time() -> None:
    with pytest.raises(ResolveFailed, match="nobody answered in time"):
        ask(
            {STARTTLS: SILENCE, DIRECT: SILENCE},
            lambda resolver: resolver.services("example.org"),
            timeout=0.3,
        )


def test_a_truncated_answer_is_fetched_over_tcp() -> None:
    zone = {STARTTLS: f"{TRUNCATED}\n1 1 5222 xmpp.example.org."}
    found, server = ask(zone, lambda resolver: resolver.services("example.org"))
    assert found == [Candidate("xmpp.example.org", 5222)]
    assert "_xmpp-client._tcp.example.org SRV over TCP" in server.asked


def test_a_name_in_any_script_is_asked_for_in_ascii() -> None:
    zone = {"_xmpp-client._tcp.xn--bcher-kva.example SRV": "1 1 5222 xmpp.example."}
    assert services(zone, "Bücher.example") == ["xmpp.example:5222"]


@pytest.mark.parametrize("name", ["\u2028.example", "a..b", f"{'a' * 64}.example", ".", "-é.org"])
def test_what_can_be_no_name_is_told(name: str) -> None:
    with pytest.raises(ResolveFailed):
        ask({}, lambda resolver: resolver.services(name))


def test_a_name_is_not_completed_with_search_domains() -> None:
    _, server = ask({"lone A": "192.0.2.1"}, lambda resolver: resolver.addresses("lone"))
    assert sorted(server.asked) == ["lone A", "lone AAAA"]


def addresses(zone: Mapping[str, str], host: str = "xmpp.example.org") -> list[str]:
    found, _ = ask(zone, lambda resolver: resolver.addresses(host))
    return found


def test_the_families_take_turns() -> None:
    zone = {
        "xmpp.example.org A": "192.0.2.1\n192.0.2.2\n192.0.2.3",
        "xmpp.example.org AAAA": "2001:db8::1",
    }
    found = addresses(zone)
    assert found[0] == "2001:db8::1"
    assert sorted(found[1:]) == ["192.0.2.1", "192.0.2.2", "192.0.2.3"]


def test_aliases_are_followed() -> None:
    zone = {
        "xmpp.example.org CNAME": "farm.example.net",
        "farm.example.net A": "192.0.2.1",
    }
    assert addresses(zone) == ["192.0.2.1"]


@pytest.mark.parametrize("hidden", [SILENCE, SERVFAIL])
def test_a_family_nobody_answers_for_costs_no_time(hidden: str) -> None:
    zone = {"xmpp.example.org A": "192.0.2.1", "xmpp.example.org AAAA": hidden}

    async def timed(resolver: Resolver) -> tuple[list[str], float]:
        loop = asyncio.get_running_loop()
        began = loop.time()
        found = await resolver.addresses("xmpp.example.org")
        return found, loop.time() - began

    (found, took), _ = ask(zone, timed)
    assert found == ["192.0.2.1"]
    assert took < 0.5


def test_no_address_and_no_answer_are_told_apart() -> None:
    with pytest.raises(ResolveFailed, match="it has no address in the DNS"):
        addresses({})
    with pytest.raises(ResolveFailed, match="no name server could answer"):
        addresses({"xmpp.example.org A": SERVFAIL, "xmpp.example.org AAAA": SERVFAIL})
    with pytest.raises(ResolveFailed, match="no name server could answer"):
        addresses({"xmpp.example.org A": SERVFAIL})


def test_the_hosts_file_comes_before_the_dns(hosts: Path) -> None:
    zone = {"here.example A": "192.0.2.1", "_xmpp-client._tcp.here.example SRV": "1 1 1 a.example."}
    for name in ("here.example", "OTHER.example"):

        def addresses_of(resolver: Resolver, name: str = name) -> Awaitable[list[str]]:
            return resolver.addresses(name)

        found, server = ask(zone, addresses_of, hosts=hosts)
        assert found == ["127.0.0.9"]
        assert server.asked == []
    places, server = ask(zone, lambda resolver: resolver.services("here.example"), hosts=hosts)
    assert places == [Candidate("here.example", 5222)]
    assert server.asked == []


@pytest.mark.parametrize("name", ["localhost", "LocalHost.", "me.localhost"])
def test_localhost_is_never_asked_for(name: str) -> None:
    found, server = ask({}, lambda resolver: resolver.addresses(name))
    assert found == ["::1", "127.0.0.1"]
    places, _ = ask({}, lambda resolver: resolver.services(name))
    assert places == [Candidate(name, 5222)]
    assert server.asked == []


@pytest.mark.parametrize("name", ["nowhere.invalid", "Hidden.ONION", "hidden.onion."])
def test_names_that_are_in_no_dns_are_not_asked_for(name: str) -> None:
    async def both_ways(resolver: Resolver) -> None:
        for question in (resolver.services, resolver.addresses):
            with pytest.raises(ResolveFailed, match=r"are not in the DNS|through Tor only"):
                await question(name)

    _, server = ask({}, both_ways)
    assert server.asked == []


@pytest.mark.parametrize(
    ("literal", "address"), [("192.0.2.7", "192.0.2.7"), ("[2001:db8::7]", "2001:db8::7")]
)
def test_an_address_is_its_own_answer(literal: str, address: str) -> None:
    found, server = ask({}, lambda resolver: resolver.addresses(literal))
    assert found == [address]
    places, _ = ask({}, lambda resolver: resolver.services(literal))
    assert places == [Candidate(literal, 5222)]
    assert server.asked == []


@pytest.mark.parametrize("text", [None, "", "nameserver\n", "nameserver not.an.address\n"])
def test_without_a_name_server_that_is_what_is_told(tmp_path: Path, text: str | None) -> None:
    file = tmp_path / "resolv.conf"
    if text is not None:
        file.write_text(text)

    async def main(mainloop: EpollMainLoop) -> None:
        resolver = Resolver(hosts_file=Path("/nonexistent"), resolv_conf=file)
        assert await resolver.addresses("localhost")
        with pytest.raises(ResolveFailed, match=r"/etc/resolv\.conf names no server"):
            await resolver.services("example.org")

    run(main)


def test_name_servers_that_change_with_the_network_are_seen(tmp_path: Path) -> None:
    file = tmp_path / "resolv.conf"
    file.write_text("")
    resolver = Resolver(resolv_conf=file)
    assert resolver._dns().addresses_asked == []
    file.write_text("nameserver 192.0.2.53\n")
    assert resolver._dns().addresses_asked == ["192.0.2.53"]


def test_a_question_can_be_cancelled_at_any_time() -> None:
    zone = {"xmpp.example.org A": SILENCE, "xmpp.example.org AAAA": SILENCE}

    async def cancelled(resolver: Resolver) -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await resolver.addresses("xmpp.example.org")

    ask(zone, cancelled)


@pytest.mark.parametrize(
    ("text", "is_direct_tls", "expected"),
    [
        ("example.org", False, Candidate("example.org", 5222)),
        ("example.org", True, Candidate("example.org", 5223, True)),
        ("example.org:443", True, Candidate("example.org", 443, True)),
        ("192.0.2.1:5222", False, Candidate("192.0.2.1", 5222)),
        ("[::1]:5222", False, Candidate("::1", 5222)),
        ("[::1]", False, Candidate("::1", 5222)),
        ("::1", False, Candidate("::1", 5222)),
    ],
)
def test_a_server_is_named_by_host_and_port(
    text: str, is_direct_tls: bool, expected: Candidate
) -> None:
    assert parse_server(text, is_direct_tls=is_direct_tls) == expected


@pytest.mark.parametrize(
    "text", ["", ":5222", "example.org:0", "example.org:65536", "example.org:x", "[::1", "[::1]x"]
)
def test_what_names_no_server_is_told(text: str) -> None:
    with pytest.raises(ConfigError, match="must be HOST or HOST:PORT"):
        parse_server(text, is_direct_tls=False)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("127.0.0.1", Kind.LITERAL),
        ("[::1]", Kind.LITERAL),
        ("localhost", Kind.LOCALHOST),
        ("xmpp.localhost", Kind.LOCALHOST),
        ("here.example", Kind.HOSTS_FILE),
        ("example.org", Kind.DNS),
    ],
)
def test_by_what_a_name_is_found(hosts: Path, name: str, kind: Kind) -> None:
    assert Resolver([], hosts_file=hosts).kind_of(name) is kind


def test_all_that_is_listed_is_told_with_what_could_not_be_asked() -> None:
    zone = {DIRECT: SERVFAIL, STARTTLS: "5 1 5222 xmpp.example.org."}
    found, _ = ask(zone, lambda resolver: resolver.listings("example.org"))
    direct, starttls = found
    assert direct.services is None
    assert "no name server could answer" in direct.problem
    assert [each.target for each in starttls.services or ()] == ["xmpp.example.org"]
    assert not starttls.problem


def test_a_name_that_is_in_no_dns_is_not_asked_for() -> None:
    with pytest.raises(ResolveFailed, match="through Tor only: --proxy socks5://127"):
        ask({}, lambda resolver: resolver.listings("example.onion"))
