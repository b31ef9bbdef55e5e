"""For the shells: where their completions are, and the addresses that they complete.

No loop, no connection: who presses Tab waits for it.
"""

from __future__ import annotations

import sys
import sysconfig
from pathlib import Path

import platformdirs

from termxmpp.config import Config
from termxmpp.store.addresses import known_addresses
from termxmpp.words import _

__all__ = ["addresses", "places"]

# Where the wheel puts them, below the environment's folder; they are in the package as well.
BASH = "share/bash-completion/completions/termxmpp"
ZSH = "share/zsh/site-functions/_termxmpp"
FISH = "share/fish/vendor_completions.d/termxmpp.fish"
MANUAL = "share/man/man1/termxmpp.1"


def addresses(config: Config) -> list[str]:
    """All that may be meant, each once, one that can't be typed left out."""
    found = [*config.accounts, *known_addresses(platformdirs.user_data_path("termxmpp"))]
    return [each for each in dict.fromkeys(found) if each.isprintable() and " " not in each]


def places() -> str:
    """Where the completions are, and what to do where the shell does not look there."""
    folder = _folder()
    if folder is None:
        return _(
            "The completions are not there: pip install --force-reinstall termxmpp brings them."
        )
    return _(
        "bash: {bash}\n"
        "      source it in ~/.bashrc, unless bash-completion finds it by itself\n"
        "zsh:  {zsh}\n"
        "      fpath+=({zsh_folder}) in ~/.zshrc, before compinit\n"
        "fish: {fish}\n"
        "      ln -s it into ~/.config/fish/completions/, unless fish finds it by itself\n"
        "man:  {manual}"
    ).format(
        bash=folder / BASH,
        zsh=folder / ZSH,
        zsh_folder=(folder / ZSH).parent,
        fish=folder / FISH,
        manual=folder / MANUAL,
    )


def _folder() -> Path | None:
    """The folder that has them: where shells look, or the package."""
    candidates = (
        Path(sysconfig.get_path("data")),
        Path(sys.prefix),
        Path(sysconfig.get_path("data", sysconfig.get_preferred_scheme("user"))),
        Path(__file__).parent,
    )
    return next((each for each in candidates if (each / BASH).is_file()), None)
