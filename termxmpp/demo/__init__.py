"""`--demo`: a private server, a contact that answers and a club, with no account needed.

Only `cli` imports it. Everything it makes is on loopback, in one folder, and gone at the end.
"""
