"""Where the source of pyxmpp2 comes from, in which order, and what is said without it."""

from __future__ import annotations

from pathlib import Path

import pytest

from termxmpp.port import sdist
from termxmpp.port.sdist import NAME, VARIABLE, PipSettings, SdistError, find


def offline(tmp_path: Path, **more: str) -> dict[str, str]:
    """An environment in which nothing is found."""
    return {
        "HOME": str(tmp_path / "home"),
        "XDG_CONFIG_DIRS": str(tmp_path / "etc"),
        "PIP_CONFIG_FILE": "/dev/null",
        "PIP_NO_INDEX": "1",
        **more,
    }


@pytest.fixture(scope="session")
def published() -> bytes:
    """The published archive, from wherever this machine has it."""
    return find(Path(__file__).parents[2])


def test_a_named_file_is_taken(tmp_path: Path, published: bytes) -> None:
    (tmp_path / "copy").write_bytes(published)
    environment = offline(tmp_path, **{VARIABLE: str(tmp_path / "copy")})
    assert find(tmp_path, environment) == published


def test_a_named_file_that_is_another_is_refused_with_both_digests(tmp_path: Path) -> None:
    (tmp_path / "copy").write_bytes(b"something else")
    with pytest.raises(SdistError) as refused:
        find(tmp_path, offline(tmp_path, **{VARIABLE: str(tmp_path / "copy")}))
    assert sdist.DIGEST in str(refused.value)
    assert "its sha256 is" in str(refused.value)


def test_a_named_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(SdistError, match="can't be read"):
        find(tmp_path, offline(tmp_path, **{VARIABLE: str(tmp_path / "gone")}))


def test_the_copy_in_our_own_source_comes_before_the_cache(
    tmp_path: Path, published: bytes
) -> None:
    (tmp_path / "termxmpp" / "port").mkdir(parents=True)
    (tmp_path / "termxmpp" / "port" / NAME).write_bytes(published)
    assert find(tmp_path, offline(tmp_path)) == published


def test_what_a_folder_of_links_holds_is_taken_and_kept_in_the_cache(
    tmp_path: Path, published: bytes
) -> None:
    links = tmp_path / "links"
    links.mkdir()
    (links / NAME).write_bytes(published)
    assert find(tmp_path, offline(tmp_path, PIP_FIND_LINKS=str(links))) == published
    assert find(tmp_path, offline(tmp_path)) == published


def test_a_damaged_cache_counts_as_none(tmp_path: Path, published: bytes) -> None:
    cached = tmp_path / "home" / ".cache" / "termxmpp" / NAME
    cached.parent.mkdir(parents=True)
    cached.write_bytes(published[:-1])
    with pytest.raises(SdistError, match="not the published file"):
        find(tmp_path, offline(tmp_path))


def test_a_local_index_is_asked(tmp_path: Path, published: bytes) -> None:
    page = tmp_path / "index" / "pyxmpp2"
    page.mkdir(parents=True)
    (page / NAME).write_bytes(published)
    environment = offline(tmp_path, PIP_INDEX_URL=(tmp_path / "index").as_uri())
    del environment["PIP_NO_INDEX"]
    assert find(tmp_path, environment) == published


def test_without_any_source_it_is_said_what_was_tried_and_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(SdistError) as refused:
        find(tmp_path, offline(tmp_path, PIP_FIND_LINKS=str(tmp_path / "links")))
    words = str(refused.value)
    assert str(tmp_path / "links") in words
    assert str(tmp_path / "termxmpp" / "port" / NAME) in words
    assert f"set {VARIABLE}" in words


def test_pips_files_are_read_and_its_variables_win(tmp_path: Path) -> None:
    config = tmp_path / "pip.conf"
    config.write_text(
        "[global]\nindex-url = https://index.test/simple\nextra-index-url =\n"
        "    https://more.test/simple\nfind-links = /links\ncert = /ca.pem\n"
    )
    settings = PipSettings.read({}, [config])
    assert settings.indexes == ["https://index.test/simple", "https://more.test/simple"]
    assert (settings.find_links, settings.certificates) == (["/links"], "/ca.pem")
    assert PipSettings.read({"PIP_NO_INDEX": "1"}, [config]).indexes == []
    assert PipSettings.read({"PIP_INDEX_URL": "https://mine.test/"}, [config]).indexes == [
        "https://mine.test/",
        "https://more.test/simple",
    ]
