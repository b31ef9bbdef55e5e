"""pyxmpp2's own tests pass against the port, but for those listed, on every Python here."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from termxmpp.port import sdist
from termxmpp.port.convert import convert, read_archive, write_tree
from termxmpp.port.mends import MENDS

CERTIFICATES = (
    "its server uses ssl.wrap_socket, gone in Python 3.12, with keys of 1024 bits, which OpenSSL "
    "refuses"
)
ZONE = "it asks for names of a DNS zone that is gone"

CANNOT_PASS = {
    "cert.TestBasicCertificateData.test_client1_cert_fields": CERTIFICATES,
    "cert.TestBasicCertificateData.test_client_cert_fields": CERTIFICATES,
    "cert.TestBasicCertificateData.test_server1_cert_fields": CERTIFICATES,
    "cert.TestBasicCertificateData.test_server_cert_fields": CERTIFICATES,
    "cert.TestBasicCertificateData.test_verify_server": CERTIFICATES,
    "cert.TestBasicCertificateData.test_verify_server1_dns": CERTIFICATES,
    "cert.TestBasicCertificateData.test_verify_server1_wrong": CERTIFICATES,
    "cert.TestCertFunctions.test_get_certificate_from_ssl_socket": CERTIFICATES,
    "resolver.TestDumbBlockingResolver.test_resolve_address": ZONE,
    "resolver.TestDumbBlockingResolver.test_resolve_address_ipv4_only": ZONE,
    "resolver.TestDumbBlockingResolver.test_resolve_address_ipv6_only": ZONE,
    "resolver.TestDumbBlockingResolver.test_resolve_address_prefer_ipv4": ZONE,
    "resolver.TestDumbBlockingResolver.test_resolve_many_addresses": ZONE,
    "streamtls.TestInitiator.test_enabled_optional": CERTIFICATES,
    "streamtls.TestInitiator.test_enabled_required": CERTIFICATES,
}


def pythons() -> list[str]:
    """Every Python from 3.11 on that this machine has, one of each minor version."""
    found = {sys.version_info[:2]: sys.executable}
    folders = [Path(folder) for folder in os.get_exec_path()]
    folders += sorted(Path.home().glob(".pyenv/versions/*/bin"))
    for folder in folders:
        for path in folder.glob("python3.*"):
            match = re.fullmatch(r"python3\.(\d+)", path.name)
            if match and int(match[1]) >= 11 and "shims" not in path.parts:
                found.setdefault((3, int(match[1])), str(path))
    return [found[version] for version in sorted(found)]


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The port with its tests and their data."""
    folder = tmp_path_factory.mktemp("upstream")
    files = read_archive(sdist.find(Path(__file__).parents[2]))
    write_tree(convert(files, MENDS, tests=True), folder)
    for name, content in files.items():
        if name.startswith("pyxmpp2/test/data/"):
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_bytes(content)
    return folder


@pytest.mark.parametrize("python", pythons())
@pytest.mark.timeout(300)
def test_what_is_not_listed_passes_and_what_is_listed_does_not(python: str, tree: Path) -> None:
    assert shutil.which(python)
    ran = subprocess.run(
        [python, "-S", "-E", str(Path(__file__).with_name("upstream.py")), str(tree)],
        capture_output=True,
        check=True,
        # The dead zone is asked once and not for half a minute.
        env={"RES_OPTIONS": "timeout:1 attempts:1", "PYTHONDONTWRITEBYTECODE": "1"},
    )
    outcomes = json.loads(ran.stdout)
    failed = {
        name.removeprefix("pyxmpp2.test."): outcome
        for name, outcome in outcomes.items()
        if outcome.startswith("failed")
    }
    assert len(outcomes) > 170
    assert set(failed) == set(CANNOT_PASS), failed
