"""Commands: a command is a function, its signature is its grammar, its docstring its help.

Pure: from a typed line and a registry to a function and its arguments, to help, and to what
could complete the line. It sees no account and no screen; whoever calls, acts.
"""

from __future__ import annotations

from termxmpp.commands.completion import Completion, CompletionSources, complete
from termxmpp.commands.help import command_help, markdown_table, overview
from termxmpp.commands.line import Invocation, Text
from termxmpp.commands.parser import bind, parse
from termxmpp.commands.registry import Command, Registry, command
from termxmpp.commands.signature import Kind, Name, Parameter, Rest

__all__ = [
    "Command",
    "Completion",
    "CompletionSources",
    "Invocation",
    "Kind",
    "Name",
    "Parameter",
    "Registry",
    "Rest",
    "Text",
    "bind",
    "command",
    "command_help",
    "complete",
    "markdown_table",
    "overview",
    "parse",
]
