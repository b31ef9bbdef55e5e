"""The one loop: an epoll main loop for pyxmpp2, and asyncio on top of it.

`EpollMainLoop` is for any pyxmpp2 client or bot; `run` is how termxmpp itself runs.
"""

from __future__ import annotations

from termxmpp.mainloop.epoll import EpollMainLoop
from termxmpp.mainloop.selector import EpollEventLoop, run

__all__ = ["EpollEventLoop", "EpollMainLoop", "run"]
