"""Writes the manual page and the completions of shells: `python -m tests.manual`.

All of them are made of the command line's own grammar, and stand in `termxmpp/share/`, from where
the wheel puts them where shells look.
"""

from __future__ import annotations

import os

# The pages are in English, whoever makes them.
os.environ["LANGUAGE"] = "en"

import argparse
import re
from pathlib import Path

import termxmpp
from termxmpp import arguments
from termxmpp.completing import BASH, FISH, MANUAL, ZSH

__all__ = ["FILES", "ROOT"]

ROOT = Path(__file__).parents[1] / "termxmpp"

# What completes a value, by how it is called in the help.
PATHS = ("F", "PATH")
ADDRESSES = ("TO", "FROM", "JID")

SYNOPSIS = """\
.B termxmpp
.RI [ OPTIONS ]
.RI [ JID " ...]"
.br
.B termxmpp
.RI [ OPTIONS ]
.I JID
.BI \\-\\-send " TO"
.RI [ TEXT " ...]"
"""

ENVIRONMENT = {
    "TERMXMPP_JID": "The account of scripts, where none is given.",
    "TERMXMPP_PASSWORD": "Its password.",
}

PLACES = {
    "$XDG_CONFIG_HOME/termxmpp/config.toml": "The configuration; --help config tells of it.",
    "$XDG_DATA_HOME/termxmpp/": "What was said, and what scripts log in with.",
    "$XDG_STATE_HOME/termxmpp/termxmpp.log": "What went wrong.",
    "~/.sendxmpprc": "The account of sendxmpp and go-sendxmpp, which --send reads.",
}


def options() -> list[tuple[str, list[argparse.Action]]]:
    """The groups of options that the help tells of, by their titles."""
    groups = []
    for group in arguments.parser()._action_groups:
        told = [each for each in group._group_actions if each.help != argparse.SUPPRESS]
        named = [each for each in told if each.option_strings]
        if named:
            groups.append((group.title or "", named))
    return groups


def every_option() -> list[argparse.Action]:
    return [each for _title, group in options() for each in group]


def roff(text: str) -> str:
    """`text` as it stands in a manual page."""
    escaped = text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq")
    return re.sub(r"(?m)^\.", r"\\&.", escaped)


def page() -> str:
    """`termxmpp.1`."""
    text = arguments.parser()
    about = (text.description or "").strip().splitlines()
    password, statuses = (text.epilog or "").strip().split("\n\n")
    lines = [
        f'.TH TERMXMPP 1 "" "termxmpp {termxmpp.__version__}" "User Commands"',
        ".SH NAME",
        "termxmpp \\- an XMPP client for the Linux terminal, and for scripts",
        ".SH SYNOPSIS",
        SYNOPSIS.rstrip(),
        ".SH DESCRIPTION",
        roff(about[0]),
        ".PP",
        ".nf",
        *(roff(line) for line in about[2:]),
        ".fi",
        ".PP",
        roff(password),
        ".SH OPTIONS",
    ]
    for title, group in options():
        lines.append(f".SS {roff(title.capitalize())}")
        for each in group:
            value = f" \\fI{roff(named(each))}\\fR" if named(each) else ""
            names = ", ".join(f"\\fB{roff(name)}\\fR" for name in each.option_strings)
            lines += [".TP", names + value, roff(each.help or "")]
    lines += [".SH EXIT STATUS", roff(statuses.removeprefix("Exit status: "))]
    for title, table in (("ENVIRONMENT", ENVIRONMENT), ("FILES", PLACES)):
        lines.append(f".SH {title}")
        for name, words in table.items():
            lines += [".TP", f"\\fB{roff(name)}\\fR", roff(words)]
    lines += [".SH SEE ALSO", ".BR sendxmpp (1),", ".BR mail (1),", ".BR crontab (5)"]
    return "\n".join(lines) + "\n"


def named(action: argparse.Action) -> str:
    """What the value of an option is called; empty if it takes none."""
    if action.nargs == 0:
        return ""
    if action.choices is not None:
        return "|".join(str(each) for each in action.choices)
    metavar = action.metavar
    return metavar if isinstance(metavar, str) else action.dest.upper()


def bash() -> str:
    """The completion for bash, which must never let an address be read as shell."""
    by_value: dict[str, list[str]] = {"files": [], "addresses": [], "anything": []}
    chosen = []
    for each in every_option():
        names = "|".join(each.option_strings)
        if each.choices is not None:
            words = " ".join(str(choice) for choice in each.choices)
            chosen.append(f'        {names}) _termxmpp_words "$current" {words}; return ;;')
        elif named(each) in PATHS:
            by_value["files"].append(names)
        elif named(each) in ADDRESSES:
            by_value["addresses"].append(names)
        elif named(each):
            by_value["anything"].append(names)
    words = " ".join(name for each in every_option() for name in each.option_strings)
    files, known, anything = (
        "|".join(by_value[kind]) for kind in ("files", "addresses", "anything")
    )
    choices = "\n".join(chosen)
    return f"""\
# Completion of termxmpp for bash. Made by `python -m tests.manual`.

# The addresses are others' words: nothing here lets the shell read them.
_termxmpp_addresses() {{
    local current=$1 begin="" each
    # bash parts words at @ and : and wants what stands behind only.
    [[ $COMP_WORDBREAKS == *@* && $current == *@* ]] && begin=${{current%"${{current##*@}}"}}
    while IFS= read -r each; do
        [[ $each == "$current"* ]] && COMPREPLY+=("$(printf %q "${{each#"$begin"}}")")
    done < <(termxmpp --complete-addresses 2>/dev/null)
}}

_termxmpp_words() {{
    local current=$1 each
    shift
    for each; do
        [[ $each == "$current"* ]] && COMPREPLY+=("$each")
    done
}}

_termxmpp() {{
    local line=${{COMP_LINE:0:COMP_POINT}} current previous
    current=${{line##*[[:space:]]}}
    previous=${{line%"$current"}}
    previous=${{previous%"${{previous##*[![:space:]]}}"}}
    previous=${{previous##*[[:space:]]}}
    COMPREPLY=()
    case $previous in
{choices}
        {files})
            compopt -o filenames 2>/dev/null
            mapfile -t COMPREPLY < <(compgen -f -- "$current")
            return ;;
        {known}) _termxmpp_addresses "$current"; return ;;
        {anything}) return ;;
    esac
    case $current in
        -*) _termxmpp_words "$current" {words} ;;
        *) _termxmpp_addresses "$current" ;;
    esac
}}

complete -F _termxmpp termxmpp
"""


def zsh() -> str:
    """The completion for zsh."""
    lines = []
    for each in every_option():
        words = re.sub(r"([\[\]:\\])", r"\\\1", each.help or "").replace("'", "'\\''")
        value = f":{named(each)}:{_zsh_action(each)}" if named(each) else ""
        many = "*" if isinstance(each, argparse._AppendAction) else ""
        lines += [f"    '{many}{name}[{words}]{value}' \\" for name in each.option_strings]
    body = "\n".join(lines)
    return f"""\
#compdef termxmpp
# Completion of termxmpp for zsh. Made by `python -m tests.manual`.

_termxmpp_addresses() {{
    local -a found
    found=(${{(f)"$(termxmpp --complete-addresses 2>/dev/null)"}})
    compadd -a found
}}

_arguments \\
{body}
    '*:JID:_termxmpp_addresses'
"""


def _zsh_action(action: argparse.Action) -> str:
    if action.choices is not None:
        return f"({' '.join(str(each) for each in action.choices)})"
    if named(action) in PATHS:
        return "_files"
    return "_termxmpp_addresses" if named(action) in ADDRESSES else ""


def fish() -> str:
    """The completion for fish."""
    known = "-a '(termxmpp --complete-addresses 2>/dev/null)'"
    lines = [
        "# Completion of termxmpp for fish. Made by `python -m tests.manual`.",
        "",
        f"complete -c termxmpp -f {known}",
    ]
    for each in every_option():
        names = " ".join(
            f"-l {name[2:]}" if name.startswith("--") else f"-s {name[1:]}"
            for name in each.option_strings
        )
        value = ""
        if each.choices is not None:
            value = f" -x -a '{' '.join(str(choice) for choice in each.choices)}'"
        elif named(each) in PATHS:
            value = " -r -F"
        elif named(each) in ADDRESSES:
            value = f" -x {known}"
        elif named(each):
            value = " -x"
        words = (each.help or "").replace("\\", "\\\\").replace("'", "\\'")
        lines.append(f"complete -c termxmpp {names}{value} -d '{words}'")
    return "\n".join(lines) + "\n"


FILES = {MANUAL: page, BASH: bash, ZSH: zsh, FISH: fish}


def main() -> None:
    for name, made in FILES.items():
        path = ROOT / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(made(), encoding="utf-8")


if __name__ == "__main__":
    main()
