"""XEP-0066 Out of Band Data: a link besides the text; read and written with XEP-0447."""

from __future__ import annotations

from termxmpp.feature import Feature
from termxmpp.xmpp.oob import NS

__all__ = ["FEATURE"]

FEATURE = Feature(
    "XEP-0066",
    "Out of Band Data",
    (NS,),
    version="1.5",
    note="links in messages and in answers to commands; none is offered by iq",
    is_partial=True,
)
