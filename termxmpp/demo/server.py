"""A private Prosody: on loopback only, in a folder of its own that goes when it stops."""

from __future__ import annotations

import os
import select
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from termxmpp.errors import ConnectionFailed, UserError

__all__ = ["PrivateProsody", "free_port"]

DOMAIN = "localhost"

# A loaded machine may take its time to start a server; then something is wrong (seconds).
START_TIMEOUT = 30.0
STOP_TIMEOUT = 10.0

INSTALL = "apt-get install -y prosody"

_CONFIG = """\
pidfile = "{folder}/prosody.pid"
data_path = "{folder}/data"
certificates = "{folder}/certs"
plugin_paths = {{ "{folder}/modules" }}
run_as_root = true
daemonize = false
interfaces = {{ "127.0.0.1" }}
local_interfaces = {{ "127.0.0.1" }}
c2s_ports = {{ {port} }}
c2s_direct_tls_ports = {{ {direct_tls_port} }}
s2s_ports = {{ }}
http_ports = {{ }}
https_ports = {{ {https_port} }}
https_interfaces = {{ "127.0.0.1" }}
https_ssl = {{ key = "{folder}/certs/key.pem"; certificate = "{folder}/certs/cert.pem"; }}
http_external_url = "https://{domain}:{https_port}/"
c2s_require_encryption = true
allow_registration = false
authentication = "{authentication}"
modules_enabled = {{ {modules} }}
modules_disabled = {{ "s2s" }}
log = {{ debug = "{folder}/prosody.log" }}
ssl = {{
    key = "{folder}/certs/key.pem"; certificate = "{folder}/certs/cert.pem";
    protocol = "{protocol}";
}}
c2s_direct_tls_ssl = ssl
{extra}
VirtualHost "{domain}"
{hosts}
"""

# Files are at the domain's own name, which its certificate is for.
_FILES = """\
Component "files.{domain}" "http_file_share"
    http_host = "{domain}"
    http_file_share_size_limit = {limit}
"""

# Prosody tells when it is ready by writing into a pipe, so that nobody has to look again and
# again.
_READY_MODULE = """\
module:set_global();
module:hook_global("server-started", function ()
    local pipe = io.open("%s", "w");
    if pipe then pipe:write("ready\\n"); pipe:close(); end
end);
"""

# Its input ends when we do, also by SIGKILL, which nothing of ours outlives.
_KEEPER = 'read -r _; kill "$1"; while kill -0 "$1"; do sleep 0.1; done; rm -r "$2"'

MODULES = (
    *("roster", "saslauth", "tls", "disco", "ping", "version", "smacks", "ready"),
    *("carbons", "csi", "mam", "pep", "blocklist"),
)


def free_port() -> int:
    """A TCP port of loopback that was free a moment ago."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


class PrivateProsody:
    """A Prosody for `domain` with `users` (names and passwords).

    `modules` are those it loads, `protocol` is what TLS it speaks, in Prosody's own words,
    `extra` are more lines of its global configuration, and `hosts` those of other hosts, such as
    one of rooms. Files of up to `files_limit` bytes can be uploaded, if that is given. `ca_file`
    is what to trust to reach it at 127.0.0.1 `port` (STARTTLS) or `direct_tls_port`.
    """

    def __init__(
        self,
        users: Mapping[str, str],
        *,
        domain: str = DOMAIN,
        modules: Sequence[str] = MODULES,
        authentication: str = "internal_plain",
        protocol: str = "tlsv1_2+",
        extra: str = "",
        hosts: str = "",
        files_limit: int | None = None,
    ) -> None:
        self.domain = domain
        self.host = "127.0.0.1"
        self.port = free_port()
        self.direct_tls_port = free_port()
        self._modules = modules
        self._authentication = authentication
        self._protocol = protocol
        self._extra = extra
        self._hosts = hosts
        self._https_port = free_port() if files_limit is not None else None
        if files_limit is not None:
            self._hosts += "\n" + _FILES.format(domain=domain, limit=files_limit)
        self._process: subprocess.Popen[bytes] | None = None
        self._keeper: subprocess.Popen[bytes] | None = None
        self.folder = Path(tempfile.mkdtemp(prefix="termxmpp-prosody-"))
        self.folder.chmod(0o700)
        self.ca_file = self.folder / "certs" / "cert.pem"
        try:
            self._make_certificate()
            for name, password in users.items():
                self.add_user(name, password)
        except BaseException:
            shutil.rmtree(self.folder)
            raise

    def add_user(self, name: str, password: str) -> None:
        """Make an account; also while the server runs."""
        self.store("accounts", name, f"return {{ password = {_lua(password)}; }};\n")

    def store(self, kind: str, name: str, text: str) -> None:
        """Write the record `kind` of the user `name`, in Prosody's own form."""
        path = self.folder / "data" / _encoded(self.domain) / kind / f"{_encoded(name)}.dat"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def start(self) -> None:
        """Start the server and return when it takes connections.

        Raises UserError if there is no Prosody, ConnectionFailed if it does not start.
        """
        program = shutil.which("prosody")
        if program is None:
            raise UserError(f"Prosody is not installed: {INSTALL}")
        pipe = self._write_configuration()
        ready = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
        try:
            with (self.folder / "output.log").open("ab") as output:
                self._process = subprocess.Popen(
                    [program, "--config", str(self.folder / "prosody.cfg.lua"), "-F"],
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                    start_new_session=True,
                )
            if not select.select([ready], [], [], START_TIMEOUT)[0]:
                self.stop()
                raise ConnectionFailed(f"Prosody did not start:\n{self.log()[-2000:]}")
        finally:
            os.close(ready)
        self._keeper = subprocess.Popen(
            ["/bin/sh", "-c", _KEEPER, "keeper", str(self._process.pid), str(self.folder)],
            stdin=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def stop(self, *, kills: bool = False) -> None:
        """Stop the server, in good order or by SIGKILL; what it stored stays."""
        if self._keeper is not None:
            self._dismiss(self._keeper)
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

    def _dismiss(self, keeper: subprocess.Popen[bytes]) -> None:
        """End the keeper before that which it keeps: it would do its duty else."""
        self._keeper = None
        keeper.kill()
        keeper.communicate()

    def log(self) -> str:
        """What the server has written so far."""
        names = ("output.log", "prosody.log")
        paths = [self.folder / name for name in names]
        return "".join(path.read_text(errors="replace") for path in paths if path.exists())

    def _write_configuration(self) -> Path:
        pipe = self.folder / "ready"
        if not pipe.exists():
            os.mkfifo(pipe, 0o600)
        modules = self.folder / "modules"
        modules.mkdir(exist_ok=True)
        (modules / "mod_ready.lua").write_text(_READY_MODULE % pipe)
        (self.folder / "prosody.cfg.lua").write_text(
            _CONFIG.format(
                folder=self.folder,
                port=self.port,
                direct_tls_port=self.direct_tls_port,
                authentication=self._authentication,
                modules=" ".join(f'"{module}";' for module in self._modules),
                protocol=self._protocol,
                extra=self._extra,
                domain=self.domain,
                hosts=self._hosts,
                https_port=self._https_port or "",
            )
        )
        return pipe

    def _make_certificate(self) -> None:
        """A certificate of our own for the domain, which is its own authority."""
        program = shutil.which("openssl")
        if program is None:
            raise UserError("The openssl program is not installed: apt-get install -y openssl")
        self.ca_file.parent.mkdir()
        order = [
            *("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"),
            *("-noenc", "-days", "7", "-subj", f"/CN={self.domain}"),
            *("-addext", f"subjectAltName=DNS:{self.domain}"),
            *("-keyout", str(self.folder / "certs" / "key.pem"), "-out", str(self.ca_file)),
        ]
        made = subprocess.run([program, *order], capture_output=True, check=False)
        if made.returncode != 0:
            raise UserError(f"openssl made no certificate: {made.stderr.decode()[-300:]}")


def _encoded(text: str) -> str:
    """`text` as Prosody names files: all but letters and digits as %xx."""
    return "".join(
        char
        if char.isascii() and char.isalnum()
        else "".join(f"%{byte:02x}" for byte in char.encode())
        for char in text
    )


def _lua(text: str) -> str:
    """`text` as a Lua string, whatever it holds."""
    return '"' + "".join(f"\\{byte:03d}" for byte in text.encode()) + '"'
