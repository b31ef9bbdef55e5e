"""A client without a screen: `--send`, `--listen`, `--unread`.

Only `cli` imports what is in it, each mode what it needs; none of it ever imports prompt_toolkit,
so that a script pays for no screen.

- `--send`: `sending` (from the command line), `send` (a run), `recipients`, `post` and `letters`
  (who gets what, and what is known of it), `rooms`, `stanza` (`--raw`), `uploading` and `progress`
  (`--file`), `link` and `keepsake` (a connection without a client, and its token), `report`;
  by the termxmpp that runs: `nearby` and `through`.
- `--listen`: `listening` (from the command line), `listen` (a run), `entering` (rooms), `hearing`,
  `lines`, `sink`, `complaints`, `readiness`; `--exec` and `--reply`: `programs` and `replies`.
- `--unread`: `unread`. What asks the termxmpp that runs goes by `running`.
"""
