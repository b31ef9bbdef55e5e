"""Telling the user what comes in while he looks elsewhere.

`teller` decides what is told, and how often; `news` makes the words; the voices tell them: the
terminal's (`terminal`), the desktop's (`desktop`, over D-Bus by `bus`), a program of the user's
(`program`). What can't be told by a voice is no error: the log says so once.
"""
