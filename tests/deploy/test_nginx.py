"""deploy/nginx.conf in front of the real API, both on 127.0.0.1, with a certificate of its own."""

import json
import os
import re
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPSConnection
from pathlib import Path

import httpx
import pytest

from benchmarks.api_server import ApiServer, free_port, serving
from mundap.chatbot.api.settings import ApiSettings
from mundap.index.encoders.encoder import Encoder
from tests.served_bundle import served_bundle

CONF = Path(__file__).resolve().parents[2] / "deploy" / "nginx.conf"
# Debian puts it where only root looks.
NGINX = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
OPENSSL = shutil.which("openssl")
NAME = "faq.example.org"

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("nginx")]
if NGINX is None or OPENSSL is None:
    pytestmark.append(pytest.mark.long)

BEHIND_NGINX = {
    "MUNDAP_API_TRUSTED_PROXIES": '["127.0.0.1"]',
    "MUNDAP_API_ALLOWED_HOSTS": f'["{NAME}"]',
    "MUNDAP_API_RATE_LIMIT": "5/minute",
}
WRAPPER = """
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
    api: ApiServer

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


def replaced(text: str, changes: dict[str, str]) -> str:
    for old, new in changes.items():
        assert old in text, f"deploy/nginx.conf no longer holds {old!r}"
        text = text.replace(old, new)
    return text


def make_certificate(folder: Path) -> None:
    command = [str(OPENSSL), "req", "-x509", "-newkey", "ec", "-pkeyopt"]
    command += ["ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", f"/CN={NAME}"]
    command += ["-addext", f"subjectAltName=DNS:{NAME},IP:127.0.0.1"]
    command += ["-keyout", str(folder / "privkey.pem"), "-out", str(folder / "fullchain.pem")]
    subprocess.run(command, check=True, capture_output=True)


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory, default_encoder: Encoder) -> Iterator[ApiServer]:
    bundle = served_bundle(tmp_path_factory.mktemp("nginx") / "index", default_encoder)
    with serving(bundle, BEHIND_NGINX) as server:
        yield server


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, api: ApiServer) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("site")
    make_certificate(folder)
    http_port, https_port = free_port(), free_port()
    changes = {
        "listen 80;": f"listen 127.0.0.1:{http_port};",
        "listen 443 ssl": f"listen 127.0.0.1:{https_port} ssl",
        "/etc/ssl/mundap": str(folder),
        "server 127.0.0.1:7861;": f"server {api.url.removeprefix('http://')};",
    }
    text = replaced(CONF.read_text(encoding="utf-8"), changes)
    (folder / "mundap.conf").write_text(text, encoding="utf-8")
    # Started by root, its workers would be nobody and could not reach the folder.
    user = "user root;" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(WRAPPER.format(folder=folder, user=user), encoding="utf-8")
    command = [str(NGINX), "-c", str(folder / "nginx.conf"), "-p", str(folder)]
    with (folder / "error.log").open("wb") as log:
        process = subprocess.Popen(command, stderr=log)
    try:
        wait_for(https_port, process, folder / "error.log")
        yield Site(http_port, https_port, folder / "fullchain.pem", api)
    finally:
        process.terminate()
        process.wait(timeout=10)


def wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.01)
    raise AssertionError(f"nginx did not start: {log.read_text()}")


def test_plain_http_is_sent_to_the_configured_name_whatever_host_is_claimed(site: Site) -> None:
    url = f"http://127.0.0.1:{site.http_port}/v1/info?x=1"
    response = httpx.get(url, headers={"Host": "evil.example"})
    assert response.status_code == 308
    assert response.headers["location"] == f"https://{NAME}/v1/info?x=1"


def test_a_question_is_answered_over_tls(site: Site) -> None:
    with site.client(address="127.0.0.10") as client:
        response = client.post("/v1/ask", json={"query": "배송비는 얼마인가요?"})
    assert (response.status_code, response.json()["kind"]) == (200, "answer")


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_modern_tls_is_spoken(site: Site, version: ssl.TLSVersion) -> None:
    with site.client(tls=version) as client:
        assert client.get("/healthz").status_code == 200


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
def test_tls_before_1_2_is_refused(site: Site) -> None:
    with site.client(tls=ssl.TLSVersion.TLSv1_1) as client, pytest.raises(httpx.ConnectError):
        client.get("/healthz")


def test_security_headers_come_once_and_the_server_keeps_its_version_to_itself(site: Site) -> None:
    with site.client() as client:
        headers = client.get("/healthz").headers
    assert headers["strict-transport-security"] == "max-age=31536000"
    assert headers.get_list("x-content-type-options") == ["nosniff"]
    assert headers.get_list("server") == ["nginx"]


def test_a_body_over_the_limit_is_refused_in_the_shape_of_the_api(site: Site) -> None:
    context = ssl.create_default_context(cafile=str(site.certificate))
    connection = HTTPSConnection("127.0.0.1", site.https_port, context=context, timeout=10)
    # Its length alone is enough for the refusal: not a byte of the gigabyte is sent.
    connection.request("POST", "/v1/sts/rank", headers={"Host": NAME, "Content-Length": 2**30})
    response = connection.getresponse()
    error = json.loads(response.read())["error"]
    connection.close()
    assert (response.status, error["code"]) == (413, "body_too_large")
    assert re.fullmatch("[0-9a-f]{32}", error["request_id"])


def test_the_limit_of_an_upload_is_that_of_the_api() -> None:
    (met,) = re.findall(r"client_max_body_size (\d+)m;", CONF.read_text(encoding="utf-8"))
    assert int(met) * 2**20 == ApiSettings.model_fields["max_upload_bytes"].default


@pytest.mark.parametrize("path", ["/metrics", "/v1/index/rebuild"])
def test_figures_and_rebuilds_are_for_this_machine_only(site: Site, path: str) -> None:
    # 127.0.0.1 is let through; the next address is a stranger.
    with site.client(address="127.0.0.2") as client:
        response = client.get(path)
    assert (response.status_code, response.json()["error"]["code"]) == (403, "forbidden")


def test_this_machine_reaches_the_figures(site: Site) -> None:
    with site.client() as client:
        assert client.get("/metrics").status_code == 200


def statuses(site: Site, address: str, count: int) -> list[int]:
    """What a client gets who claims another address with every request."""
    with site.client(address=address) as client:
        return [
            client.post(
                "/v1/ask",
                json={"query": "환불"},
                headers={"X-Forwarded-For": f"203.0.113.{number}", "X-Real-IP": "203.0.113.9"},
            ).status_code
            for number in range(count)
        ]


def test_a_claimed_address_does_not_evade_the_rate_limit(site: Site) -> None:
    assert statuses(site, "127.0.0.20", 7) == [200] * 5 + [429] * 2


def test_each_address_has_a_limit_of_its_own(site: Site) -> None:
    assert statuses(site, "127.0.0.21", 5) == [200] * 5
    assert statuses(site, "127.0.0.22", 5) == [200] * 5
