"""Pictures of the program for README: real sessions, drawn as a terminal would show them.

`python -m tests.screenshots` makes them all anew; nothing else may write into `screenshots/`.
"""
