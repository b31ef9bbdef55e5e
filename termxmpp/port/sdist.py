"""Where the published source of pyxmpp2 comes from, and that it is the very one.

Asked in this order: TERMXMPP_PYXMPP2_SDIST, the copy inside our own source distribution, a
cache, the index that pip is set to. Whatever is found counts only with the right digest.
"""

from __future__ import annotations

import configparser
import contextlib
import hashlib
import os
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

__all__ = ["DIGEST", "NAME", "PipSettings", "SdistError", "find"]

NAME = "pyxmpp2-2.0.1.tar.gz"
DIGEST = "dab892163bb78ea69337147f4c4e9d2b3d0ba6bf7e13a9f79b1a0f61fb5ec5fc"
VARIABLE = "TERMXMPP_PYXMPP2_SDIST"

# Seconds that one request to an index may take.
INDEX_TIMEOUT = 60


class SdistError(Exception):
    """The source of pyxmpp2 can't be had; the text says where it was looked for."""


@dataclass
class PipSettings:
    """Where pip would look: `indexes` are URLs, `find_links` URLs or folders.

    `certificates` is the file of authorities to trust for them, or empty.
    """

    indexes: list[str] = field(default_factory=list)
    find_links: list[str] = field(default_factory=list)
    certificates: str = ""

    @classmethod
    def read(
        cls, environment: Mapping[str, str], files: Iterable[Path] | None = None
    ) -> PipSettings:
        """What the configuration files and then the PIP_… variables say, as pip reads them."""
        values: dict[str, str] = {}
        for path in _configuration_files(environment) if files is None else files:
            parser = configparser.RawConfigParser()
            with contextlib.suppress(OSError, configparser.Error, UnicodeDecodeError):
                parser.read(path, encoding="utf-8")
            for section in ("global", "install"):
                if parser.has_section(section):
                    values.update(
                        (key.replace("_", "-").lower(), value)
                        for key, value in parser[section].items()
                    )
        for name, value in environment.items():
            if name.startswith("PIP_") and value:
                values[name.removeprefix("PIP_").replace("_", "-").lower()] = value
        settings = cls(certificates=values.get("cert", ""))
        if values.get("no-index", "").lower() not in ("1", "true", "yes", "on"):
            settings.indexes = [
                *values.get("index-url", "").split(),
                *values.get("extra-index-url", "").split(),
            ]
            if "index-url" not in values:
                settings.indexes.insert(0, "")
        settings.find_links = values.get("find-links", "").split()
        return settings


def find(root: Path, environment: Mapping[str, str] | None = None) -> bytes:
    """The source distribution of pyxmpp2 2.0.1.

    `root` is the top of our own source tree. Raises SdistError.
    """
    environment = os.environ if environment is None else environment
    named = environment.get(VARIABLE)
    if named:
        return _named(Path(named).expanduser())
    own = root / "termxmpp" / "port" / NAME
    cached = _cache_path(environment)
    tried: list[str] = []
    for path in (own, cached):
        content = _read(path)
        if content is not None and _is_right(content):
            return content
        tried.append(f"{path}: {'not there' if content is None else 'not the published file'}")
    for source, content in _from_indexes(PipSettings.read(environment), tried):
        if _is_right(content):
            _keep(cached, content)
            return content
        tried.append(f"{source}: not the published file")
    raise SdistError(
        f"termxmpp is built from the published source of pyxmpp2, {NAME} (sha256 {DIGEST}), "
        "which was not found:\n  " + "\n  ".join(tried) + "\n"
        f"Without a network, set {VARIABLE} to a copy of that file and build again."
    )


def _named(path: Path) -> bytes:
    content = _read(path)
    if content is None:
        raise SdistError(f"{VARIABLE} names {path}, which can't be read.")
    if not _is_right(content):
        found = hashlib.sha256(content).hexdigest()
        raise SdistError(
            f"{VARIABLE} names {path}, which is not the published {NAME}: "
            f"its sha256 is {found}, it should be {DIGEST}."
        )
    return content


def _is_right(content: bytes) -> bool:
    return hashlib.sha256(content).hexdigest() == DIGEST


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None


def _cache_path(environment: Mapping[str, str]) -> Path:
    base = environment.get("XDG_CACHE_HOME") or Path(environment.get("HOME", "~")) / ".cache"
    return Path(base).expanduser() / "termxmpp" / NAME


def _keep(path: Path, content: bytes) -> None:
    """Put `content` into the cache; a cache that can't be written is none."""
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
            file.write(content)
        os.replace(file.name, path)


def _from_indexes(settings: PipSettings, tried: list[str]) -> Iterator[tuple[str, bytes]]:
    """The file from every place that pip would ask; what fails is told in `tried`."""
    for place in settings.find_links:
        path = _local(place)
        content = None if path is None else _read(path / NAME if path.is_dir() else path)
        if content is not None:
            yield place, content
        else:
            tried.append(f"{place}: not there")
    for index in settings.indexes:
        try:
            content = (
                _local_index(index) if index.startswith("file:") else _download(index, settings)
            )
        except Exception as error:
            tried.append(f"{index or 'the default index'}: {error}")
        else:
            yield index, content


def _local(place: str) -> Path | None:
    """The path that a folder's name or a file URL means."""
    if place.startswith("file:"):
        return Path(url2pathname(urlsplit(place).path))
    return None if "://" in place else Path(place).expanduser()


def _local_index(index: str) -> bytes:
    folder = _local(index)
    assert folder is not None
    for path in (folder / "pyxmpp2" / NAME, folder / NAME):
        content = _read(path)
        if content is not None:
            return content
    raise SdistError("not there")


def _download(index: str, settings: PipSettings) -> bytes:
    # Only a build that has to ask an index needs these.
    import requests
    from pypi_simple import PYPI_SIMPLE_ENDPOINT, PyPISimple

    session = requests.Session()
    if settings.certificates:
        session.verify = settings.certificates
    with PyPISimple(index or PYPI_SIMPLE_ENDPOINT, session=session) as client:
        page = client.get_project_page("pyxmpp2", timeout=INDEX_TIMEOUT)
        package = next((each for each in page.packages if each.filename == NAME), None)
        if package is None:
            raise SdistError(f"{NAME} is not there")
        response = session.get(package.url, timeout=INDEX_TIMEOUT)
        response.raise_for_status()
        return bytes(response.content)


def _configuration_files(environment: Mapping[str, str]) -> list[Path]:
    """pip's configuration files, the weakest first (pip's documentation, "Configuration")."""
    home = Path(environment.get("HOME", "~")).expanduser()
    config_home = Path(environment.get("XDG_CONFIG_HOME") or home / ".config")
    files = [
        *(
            Path(each) / "pip" / "pip.conf"
            for each in environment.get("XDG_CONFIG_DIRS", "/etc/xdg").split(":")
        ),
        Path("/etc/pip.conf"),
        home / ".pip" / "pip.conf",
        config_home / "pip" / "pip.conf",
        Path(environment.get("VIRTUAL_ENV") or sys.prefix) / "pip.conf",
    ]
    named = environment.get("PIP_CONFIG_FILE")
    if named:
        files = [] if named == os.devnull else [*files, Path(named)]
    return files
