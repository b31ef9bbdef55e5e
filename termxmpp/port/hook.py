"""The build hook: puts the ported pyxmpp2 into our wheel, and its source into our sdist.

It compiles the catalogues of translations too.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

# The build backend loads this file by its path; its neighbours are found through their package.
sys.path.insert(0, str(Path(__file__).parents[2]))

from termxmpp.port import catalogue, convert, sdist  # after the path
from termxmpp.port.mends import MENDS  # after the path

__all__ = ["PortHook"]


class PortHook(BuildHookInterface):  # type: ignore[type-arg]  # hatchling's own parameter
    """Runs before each wheel, editable or not, and each source distribution."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add what the target needs to `build_data`; `version` is `standard` or `editable`."""
        root = Path(self.root)
        content = sdist.find(root)
        self._folder = Path(tempfile.mkdtemp(prefix="termxmpp-port-"))
        if self.target_name == "sdist":
            path = self._folder / sdist.NAME
            path.write_bytes(content)
            build_data["force_include"][str(path)] = f"termxmpp/port/{sdist.NAME}"
            return
        files = convert.read_archive(content)
        convert.write_tree(convert.convert(files, MENDS), self._folder)
        (self._folder / "pyxmpp2" / "COPYING").write_bytes(files["COPYING"])
        # By this termxmpp knows its own (termxmpp/bundled.py).
        (self._folder / "pyxmpp2" / "PORTED_FOR").write_text("termxmpp\n")
        key = "force_include_editable" if version == "editable" else "force_include"
        build_data[key][str(self._folder / "pyxmpp2")] = "pyxmpp2"
        sources = root / "termxmpp" / "locale"
        if version == "editable":
            # Our modules stay where they are, and look for the catalogues beside them.
            catalogue.compiled_into(sources, sources)
            return
        for path in catalogue.compiled_into(sources, self._folder / "locale"):
            place = path.relative_to(self._folder)
            build_data[key][str(path)] = f"termxmpp/{place}"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Remove what `initialize` wrote."""
        shutil.rmtree(self._folder)
