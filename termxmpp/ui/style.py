"""How things look: style classes and their colours, legible on dark and light terminals.

Colours are the terminal's own sixteen, and nothing is told by colour alone.
"""

from __future__ import annotations

from prompt_toolkit.styles import Style

__all__ = ["STYLE"]

STYLE = Style.from_dict(
    {
        "sidebar": "",
        "sidebar.heading": "bold",
        "sidebar.current": "reverse",
        "sidebar.unread": "bold",
        "sidebar.number": "ansibrightblack",
        "sidebar.away": "ansibrightblack",
        "presence.online": "ansigreen",
        "presence.chat": "ansigreen",
        "presence.away": "ansiyellow",
        "presence.xa": "ansiyellow",
        "presence.dnd": "ansired",
        "presence.offline": "ansibrightblack",
        "border": "ansibrightblack",
        "title": "bold",
        "title.status": "ansibrightblack nobold",
        "time": "ansibrightblack",
        "author.own": "ansicyan",
        "author.peer": "ansimagenta bold",
        "text.own": "",
        "text.peer": "",
        "action": "italic",
        "subject": "bold",
        "date": "ansibrightblack",
        "new": "ansired",
        "gap": "ansiyellow",
        "notice": "ansibrightblack",
        "notice.error": "ansired",
        "fate": "ansibrightblack",
        "fate.failed": "ansired bold",
        "reason": "ansired",
        "below": "bold",
        "selected": "reverse",
        "match": "bold underline",
        "overlay": "",
        "overlay.border": "",
        "overlay.current": "reverse",
        "overlay.meta": "ansibrightblack",
        "status": "reverse",
        "status.hints": "reverse",
        "status.problem": "reverse bold",
        "status.question": "reverse bold",
        "prompt": "ansibrightblack",
        "completion-menu": "bg:ansibrightblack fg:ansiwhite",
        "completion-menu.completion.current": "reverse",
        "completion-menu.meta.completion": "bg:ansibrightblack fg:ansiwhite italic",
        "completion-menu.meta.completion.current": "reverse",
    }
)
