"""The installed program through a proxy, to a server whose name only the proxy can find."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from termxmpp.demo.server import PrivateProsody, free_port
from termxmpp.proxies import ProxyKind
from tests.support.gateway import gateway
from tests.support.servers import USERS, running
from tests.support.terminal import Terminal, environment

# Nobody may ask the DNS for such a name (RFC 7686 §2), so nobody else can have found it.
DOMAIN = "hidden.onion"
SESAME = "open sesame"


@pytest.fixture(scope="module")
def hidden() -> Iterator[PrivateProsody]:
    with running(PrivateProsody(USERS, domain=DOMAIN)) as server:
        yield server


async def sends(server: PrivateProsody, folder: Path, *arguments: str) -> tuple[int, str]:
    """The status and the words of a message that alice sends to bob."""
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "termxmpp", f"alice@{DOMAIN}", "--send", f"bob@{DOMAIN}", "hi"),
        *("--ca-file", str(server.ca_file), *arguments),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env=dict(os.environ, TERMXMPP_PASSWORD="wonder", XDG_CONFIG_HOME=str(folder)),
    )
    async with asyncio.timeout(60):
        said, _none = await child.communicate()
    return child.returncode or 0, said.decode()


@pytest.mark.parametrize("kind", list(ProxyKind))
def test_the_proxy_finds_the_server(
    hidden: PrivateProsody, tmp_path: Path, kind: ProxyKind
) -> None:
    async def main() -> None:
        async with gateway(kind, {f"{DOMAIN}:5222": hidden.port}) as gate:
            assert await sends(hidden, tmp_path, "--proxy", str(gate.proxy())) == (0, "")
            assert gate.asked == [f"{DOMAIN}:5222"]

    asyncio.run(main())


def test_so_it_is_with_tls_from_the_first_byte_on(hidden: PrivateProsody, tmp_path: Path) -> None:
    async def main() -> None:
        places = {f"{DOMAIN}:5223": hidden.direct_tls_port}
        async with gateway(ProxyKind.HTTP, places) as gate:
            given = ("--proxy", str(gate.proxy()), "--direct-tls")
            assert await sends(hidden, tmp_path, *given) == (0, "")

    asyncio.run(main())


def test_the_configuration_can_tell_its_password(hidden: PrivateProsody, tmp_path: Path) -> None:
    """Which is told nowhere: neither when it works nor when it does not, nor in the log."""

    async def main() -> None:
        config, log = tmp_path / "config.toml", tmp_path / "log"
        async with gateway(
            ProxyKind.SOCKS5, {f"{DOMAIN}:5222": hidden.port}, known=("alice", SESAME)
        ) as gate:
            given = ("--config", str(config), f"--debug={log}")
            url = f"socks5://alice:{{}}@127.0.0.1:{gate.port}"
            config.write_text(f'[network]\nproxy = "{url.format(SESAME.replace(" ", "%20"))}"\n')
            assert await sends(hidden, tmp_path, *given) == (0, "")
            config.write_text(f'[network]\nproxy = "{url.format("wrong-one")}"\n')
            status, words = await sends(hidden, tmp_path, *given)
        assert status == 69
        assert "it does not accept your name and password there" in words
        for each in (words, log.read_text()):
            assert "wrong-one" not in each
            assert SESAME not in each
            assert "%20" not in each

    asyncio.run(main())


def test_a_password_in_the_arguments_is_refused(hidden: PrivateProsody, tmp_path: Path) -> None:
    async def main() -> None:
        proxy = f"socks5://alice:{SESAME.split()[1]}@127.0.0.1:{free_port()}"
        status, words = await sends(hidden, tmp_path, "--proxy", proxy)
        assert status == 64
        assert "can be seen by everybody" in words
        assert "sesame" not in words

    asyncio.run(main())


def test_without_a_proxy_such_a_name_is_not_asked_for(
    hidden: PrivateProsody, tmp_path: Path
) -> None:
    async def main() -> None:
        status, words = await sends(hidden, tmp_path)
        assert status == 68
        assert "through Tor only: --proxy socks5://127.0.0.1:9050" in words

    asyncio.run(main())


def test_where_there_is_no_proxy_that_is_told(hidden: PrivateProsody, tmp_path: Path) -> None:
    async def main() -> None:
        port = free_port()
        status, words = await sends(hidden, tmp_path, "--proxy", f"http://127.0.0.1:{port}")
        assert status == 69
        assert f"The proxy 127.0.0.1 can't be reached. Nobody answers on port {port}" in words

    asyncio.run(main())


def test_it_is_for_accounts_that_are_added_later_too(tmp_path: Path) -> None:
    """Whatever their servers are, to which else nothing said on the command line applies."""
    options = ("--proxy", f"socks5://127.0.0.1:{free_port()}", "--plain")
    command = [sys.executable, "-m", "termxmpp", "alice@localhost", *options]
    with Terminal(command, environment(tmp_path), columns=120) as terminal:
        terminal.wait_for("alice@localhost: reconnecting")
        terminal.type("/account add carol@elsewhere.invalid\n")
        terminal.wait_for("Password for carol@elsewhere.invalid:")
        terminal.type("secret\n")
        terminal.wait_until(
            lambda: terminal.output.count(b"The proxy 127.0.0.1 can't be reached") == 2, "both"
        )
        assert b"elsewhere.invalid can't be found" not in terminal.output
