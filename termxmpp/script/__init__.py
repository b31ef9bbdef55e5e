"""A client without a screen: `--send`, `--listen`, `--unread`.

Only `cli` imports what is in it, each mode what it needs; none of it ever imports prompt_toolkit,
so that a script pays for no screen.
"""
