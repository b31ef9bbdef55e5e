"""/export: what was said, out of the records into a file of the user's.

`formats` makes text, JSON lines or HTML of messages, `wishes` reads what is wanted, `writing` is
the file, `command` goes from one to the other without holding up the loop.
"""

from __future__ import annotations

from termxmpp.export.command import EXPORT_COMMANDS, ExportContext
from termxmpp.export.wishes import offers as export_offers

__all__ = ["EXPORT_COMMANDS", "ExportContext", "export_offers"]
