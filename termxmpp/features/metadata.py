"""XEP-0446 File Metadata: what a file is; read and written with XEP-0447."""

from __future__ import annotations

from termxmpp.feature import Feature
from termxmpp.xmpp.sharing import METADATA_NS

__all__ = ["FEATURE"]

FEATURE = Feature(
    "XEP-0446",
    "File Metadata",
    (METADATA_NS,),
    version="0.2.0",
    note="without thumbnails",
    is_partial=True,
)
