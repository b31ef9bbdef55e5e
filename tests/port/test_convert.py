"""Mends fit exactly or stop the build by name; what is fetched is the published archive."""

from __future__ import annotations

import io
import tarfile

import pytest

from termxmpp.port.convert import ConversionError, Mend, convert, read_archive

FILES = {"pyxmpp2/small.py": b"# coding: utf-8\nprint 'hello'\n"}


def archive(members: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as file:
        for name, content in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            file.addfile(member, io.BytesIO(content))
    return packed.getvalue()


def test_a_file_is_converted_and_says_what_was_changed() -> None:
    mend = Mend("greet", "pyxmpp2/small.py", "it was rude", "hello", "good day")
    lines = convert(FILES, [mend])["pyxmpp2/small.py"].splitlines()
    assert lines[0] == "# coding: utf-8"
    assert lines[1].startswith("# Changed for termxmpp on 20")
    assert lines[1].endswith("converted to Python 3; mends: greet.")
    assert lines[2] == "print('good day')"


@pytest.mark.parametrize("old", ["nothing of it", "l"])
def test_a_mend_that_does_not_fit_stops_the_build_by_name(old: str) -> None:
    with pytest.raises(ConversionError, match="mend 'greet'"):
        convert(FILES, [Mend("greet", "pyxmpp2/small.py", "why", old, "new")])


def test_a_mend_of_a_file_that_is_not_there_stops_the_build_by_name() -> None:
    with pytest.raises(ConversionError, match="mend 'greet': there is no pyxmpp2/gone"):
        convert(FILES, [Mend("greet", "pyxmpp2/gone.py", "why", "a", "b")])


def test_only_regular_files_of_the_package_are_read_from_the_archive() -> None:
    files = read_archive(
        archive({"pyxmpp2-2.0.1/COPYING": b"free", "../evil": b"bad", "/etc/evil": b"bad"})
    )
    assert files == {"COPYING": b"free"}
