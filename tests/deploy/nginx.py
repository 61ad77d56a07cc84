"""nginx with the configuration of deploy/, on 127.0.0.1 and with a certificate of its own."""

import os
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from benchmarks.api_server import free_port

CONF = Path(__file__).resolve().parents[2] / "deploy" / "nginx.conf"
NAME = "faq.example.org"
# Debian puts it where only root looks.
NGINX = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
OPENSSL = shutil.which("openssl")
MARKS = [pytest.mark.slow]
if NGINX is None or OPENSSL is None:
    MARKS.append(pytest.mark.long)

_WRAPPER = """
daemon off;
{user}
pid {folder}/nginx.pid;
error_log stderr warn;
events {{ worker_connections 256; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/mundap.conf;
}}
"""


@dataclass(frozen=True)
class Site:
    """nginx with the API behind it."""

    http_port: int
    https_port: int
    certificate: Path

    def client(
        self, *, address: str = "127.0.0.1", tls: ssl.TLSVersion | None = None
    ) -> httpx.Client:
        """A client at `address`, which has to be one of 127.0.0.0/8; it trusts only our key."""
        context = ssl.create_default_context(cafile=str(self.certificate))
        if tls is not None:
            context.maximum_version = tls
            context.set_ciphers("DEFAULT@SECLEVEL=0")
        transport = httpx.HTTPTransport(verify=context, local_address=address)
        return httpx.Client(
            transport=transport,
            base_url=f"https://127.0.0.1:{self.https_port}",
            headers={"Host": NAME},
        )


def behind_nginx(rate_limit: str) -> dict[str, str]:
    """Return what a server is told that stands behind it."""
    return {
        "MUNDAP_API_TRUSTED_PROXIES": '["127.0.0.1"]',
        "MUNDAP_API_ALLOWED_HOSTS": f'["{NAME}"]',
        "MUNDAP_API_RATE_LIMIT": rate_limit,
    }


def replaced(text: str, changes: dict[str, str]) -> str:
    for old, new in changes.items():
        assert old in text, f"the configuration no longer holds {old!r}"
        text = text.replace(old, new)
    return text


@contextmanager
def nginx_with(conf: str, folder: Path) -> Iterator[Site]:
    """Start nginx with a configuration, at other ports and with a certificate of its own."""
    _make_certificate(folder)
    http_port, https_port = free_port(), free_port()
    changes = {
        "listen 80;": f"listen 127.0.0.1:{http_port};",
        "listen 443 ssl": f"listen 127.0.0.1:{https_port} ssl",
        "/etc/ssl/mundap": str(folder),
    }
    (folder / "mundap.conf").write_text(replaced(conf, changes), encoding="utf-8")
    # Started by root, its workers would be nobody and could not reach the folder.
    user = "user root;" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(_WRAPPER.format(folder=folder, user=user), encoding="utf-8")
    command = [str(NGINX), "-c", str(folder / "nginx.conf"), "-p", str(folder)]
    with (folder / "error.log").open("wb") as log:
        process = subprocess.Popen(command, stderr=log)
    try:
        _wait_for(https_port, process, folder / "error.log")
        yield Site(http_port, https_port, folder / "fullchain.pem")
    finally:
        process.terminate()
        process.wait(timeout=10)


def _make_certificate(folder: Path) -> None:
    command = [str(OPENSSL), "req", "-x509", "-newkey", "ec", "-pkeyopt"]
    command += ["ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", f"/CN={NAME}"]
    command += ["-addext", f"subjectAltName=DNS:{NAME},IP:127.0.0.1"]
    command += ["-keyout", str(folder / "privkey.pem"), "-out", str(folder / "fullchain.pem")]
    subprocess.run(command, check=True, capture_output=True)


def _wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.01)
    raise AssertionError(f"nginx did not start: {log.read_text()}")
