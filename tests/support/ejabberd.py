"""A private ejabberd: on loopback only, in a folder of its own that goes when it stops.

It runs without Erlang's distribution, so that nothing else of the machine knows of it.
"""

from __future__ import annotations

import os
import re
import select
import shutil
import signal
import socket
import sqlite3
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from termxmpp.demo.server import free_port
from termxmpp.errors import ConnectionFailed, UserError
from tests.support.authority import Authority

__all__ = ["PrivateEjabberd"]

DOMAIN = "localhost"

# A loaded machine may take its time to start a server; then something is wrong (seconds).
START_TIMEOUT = 60.0
STOP_TIMEOUT = 20.0

PROGRAM, CONTROL = "erl", "/usr/sbin/ejabberdctl"
SCHEMA = Path("/usr/share/ejabberd/sql/lite.sql")
INSTALL = "apt-get install -y ejabberd erlang-p1-sqlite3"

_CONFIG = """\
hosts: ["{domain}"]
loglevel: info
hide_sensitive_log_data: true
certfiles: ["{certificate}"]
ca_file: "{ca_file}"
{extra}auth_method: [internal]
auth_password_format: plain
disable_sasl_mechanisms: []
listen:
  - {{port: {port}, ip: "127.0.0.1", module: ejabberd_c2s, starttls_required: true,
     protocol_options: [{options}]}}
  - {{port: {direct_tls_port}, ip: "127.0.0.1", module: ejabberd_c2s, tls: true,
     protocol_options: [{options}]}}{web}
modules:
  mod_admin_extra: {{}}
  mod_caps: {{}}
  mod_disco: {{}}
  mod_offline: {{}}
  mod_ping: {{}}
  mod_pubsub:
    plugins: [flat, pep]
  mod_register: {{}}
  mod_roster: {{}}
  mod_stream_mgmt: {{max_ack_queue: 100000}}
  mod_version: {{}}
{more}"""

# Its own database writes what it has taken some seconds later; SQLite does so at once.
_ARCHIVE = """\
  mod_carboncopy: {}
  mod_mam: {db_type: sql, default: always, assume_mam_usage: true}
"""
_DATABASE = """\
sql_type: sqlite
sql_database: "{database}"
"""
_FILES = """\
  mod_http_upload:
    docroot: "{folder}/upload"
    put_url: "https://{domain}:{port}/upload"
    max_size: {limit}
    access: all
"""
_WEB = """\

  - {{port: {port}, ip: "127.0.0.1", module: ejabberd_http, tls: true,
     request_handlers: {{"/upload": mod_http_upload}}}}"""
_ROOMS = """\
  mod_muc:
    default_room_options: {mam: true, persistent: true}
"""


class PrivateEjabberd:
    """An ejabberd for `domain` with `users` (names and passwords).

    `roster` are contacts of every user: (address, name, group). `options` are OpenSSL options
    of its TLS, such as `no_tlsv1_3`, and `certified_as` is the host that its certificate is for,
    if not the domain. `has_archive`: it keeps archives and sends carbons. `has_rooms`: there are
    rooms at its `conference.` host, with archives. `extra` are more lines of its configuration.
    `ca_file` is what to trust to reach it at 127.0.0.1 `port` (STARTTLS) or `direct_tls_port`.
    Files of up to `files_limit` bytes can be uploaded, if that is given.
    """

    def __init__(
        self,
        users: Mapping[str, str],
        *,
        domain: str = DOMAIN,
        roster: Sequence[tuple[str, str, str]] = (),
        options: Sequence[str] = ("no_sslv3", "no_tlsv1", "no_tlsv1_1"),
        certified_as: str | None = None,
        has_archive: bool = False,
        has_rooms: bool = False,
        extra: str = "",
        files_limit: int | None = None,
    ) -> None:
        self.domain = domain
        self.host = "127.0.0.1"
        self.port = free_port()
        self.direct_tls_port = free_port()
        self._users = dict(users)
        self._roster = tuple(roster)
        self._process: subprocess.Popen[bytes] | None = None
        self.folder = Path(tempfile.mkdtemp(prefix="termxmpp-ejabberd-"))
        self.folder.chmod(0o700)
        try:
            certificates = self.folder / "certs"
            certificates.mkdir()
            authority = Authority(certificates)
            files = web = ""
            if files_limit is not None:
                port = free_port()
                web = _WEB.format(port=port)
                files = _FILES.format(
                    folder=self.folder, domain=domain, port=port, limit=files_limit
                )
            self.ca_file = authority.ca_file
            (self.folder / "ejabberd.yml").write_text(
                _CONFIG.format(
                    domain=domain,
                    certificate=authority.issue(certified_as or domain).path,
                    ca_file=self.ca_file,
                    port=self.port,
                    direct_tls_port=self.direct_tls_port,
                    options=", ".join(options),
                    extra=extra,
                    more=files + self._more(has_archive=has_archive, has_rooms=has_rooms),
                    web=web,
                )
            )
        except BaseException:
            shutil.rmtree(self.folder)
            raise

    def start(self) -> None:
        """Start the server and return when it takes connections and knows its users.

        Raises UserError if there is no ejabberd, ConnectionFailed if it does not start.
        """
        program = shutil.which(PROGRAM)
        libraries = _libraries()
        if program is None or libraries is None:
            raise UserError(f"ejabberd is not installed: {INSTALL}")
        # It tells when it is ready by calling us. Its output is a file and no pipe: once a pipe
        # that nobody reads is full, ejabberd can't end any more.
        with (
            socket.create_server(("127.0.0.1", 0)) as call,
            (self.folder / "output.log").open("ab") as output,
        ):
            self._process = subprocess.Popen(
                [
                    *(program, "-noinput", "-mnesia", "dir", f'"{self.folder / "spool"}"'),
                    *("-s", "ejabberd", "-eval", self._introduction(call.getsockname()[1])),
                ],
                env={
                    **os.environ,
                    "HOME": str(self.folder),
                    "ERL_LIBS": libraries,
                    "EJABBERD_CONFIG_PATH": str(self.folder / "ejabberd.yml"),
                    "EJABBERD_LOG_PATH": str(self.folder / "ejabberd.log"),
                    "ERL_CRASH_DUMP": str(self.folder / "crash.dump"),
                },
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
            is_ready = _calls(call, self._process)
        if not is_ready:
            self.stop()
            raise ConnectionFailed(f"ejabberd did not start:\n{self.log()[-3000:]}")

    def stop(self, *, kills: bool = False) -> None:
        """Stop the server, in good order or by SIGKILL; what it stored stays."""
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(signal.SIGKILL if kills else signal.SIGTERM)
        try:
            process.wait(STOP_TIMEOUT)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def restart(self, *, kills: bool = False) -> None:
        """Stop and start again, on the same ports."""
        self.stop(kills=kills)
        self.start()

    def suspend(self) -> None:
        """Let the server do nothing, as on a machine that hangs."""
        if self._process is not None:
            self._process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """Let it do what it has to again."""
        if self._process is not None:
            self._process.send_signal(signal.SIGCONT)

    def close(self) -> None:
        """Stop the server and remove everything that it stored."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def log(self) -> str:
        """What the server has written so far."""
        paths = [self.folder / name for name in ("output.log", "ejabberd.log", "error.log")]
        return "".join(path.read_text(errors="replace") for path in paths if path.exists())

    def _more(self, *, has_archive: bool, has_rooms: bool) -> str:
        """What the configuration says of archives and rooms; a database for the archives."""
        if not has_archive:
            return "  mod_mam: {}\n" + _ROOMS if has_rooms else ""
        database = self.folder / "archive.db"
        db = sqlite3.connect(database)
        db.executescript(SCHEMA.read_text())
        db.close()
        rooms = _ROOMS if has_rooms else ""
        return f"{_ARCHIVE}{rooms}{_DATABASE.format(database=database)}"

    def _introduction(self, port: int) -> str:
        """The Erlang that makes the users and their rosters, and then calls `port`."""
        domain = _binary(self.domain)
        orders = [
            f"ejabberd_auth:try_register({_binary(name)}, {domain}, {_binary(password)})"
            for name, password in self._users.items()
        ]
        for name in self._users:
            for address, title, group in self._roster:
                local, _, host = address.partition("@")
                arguments = [name, self.domain, local, host, title, group, "both"]
                orders.append(
                    f"mod_admin_extra:add_rosteritem({', '.join(map(_binary, arguments))})"
                )
        return ", ".join([*orders, f"gen_tcp:connect({{127, 0, 0, 1}}, {port}, [])"]) + "."


def _libraries() -> str | None:
    """Where Debian keeps ejabberd's own libraries; its program has that written in."""
    if not Path(CONTROL).exists():
        return None
    found = re.search(r"^ERL_LIBS='(.+)'$", Path(CONTROL).read_text(), re.MULTILINE)
    return found and found[1]


def _calls(call: socket.socket, process: subprocess.Popen[bytes]) -> bool:
    """Wait for the `call` of `process`; False if it ends before, or takes too long."""
    end = os.pidfd_open(process.pid)
    try:
        return call.fileno() in select.select([call.fileno(), end], [], [], START_TIMEOUT)[0]
    finally:
        os.close(end)


def _binary(text: str) -> str:
    """`text` as an Erlang binary, whatever it holds."""
    return f"<<{','.join(str(byte) for byte in text.encode())}>>"
