"""`/doctor`: finds out step by step, in words, why one can't connect, send or be reached.

Each check is a function that gives findings as they come. None shows a secret: what is told here
is made to be sent to whoever runs the server.
"""

from __future__ import annotations

from termxmpp.doctor.command import DOCTOR_COMMANDS
from termxmpp.doctor.context import DoctorContext, Doctored

__all__ = ["DOCTOR_COMMANDS", "DoctorContext", "Doctored"]
