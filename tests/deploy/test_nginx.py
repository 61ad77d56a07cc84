"""deploy/nginx.conf in front of the real API, both on 127.0.0.1, with a certificate of its own."""

import json
import re
import ssl
from collections.abc import Iterator
from http.client import HTTPSConnection

import httpx
import pytest

from benchmarks.api_server import ApiServer, serving
from mundap.chatbot.api.settings import ApiSettings
from mundap.index.encoders.encoder import Encoder
from tests.deploy.nginx import CONF, MARKS, NAME, Site, behind_nginx, nginx_with, replaced
from tests.served_bundle import served_bundle

pytestmark = MARKS


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory, default_encoder: Encoder) -> Iterator[ApiServer]:
    bundle = served_bundle(tmp_path_factory.mktemp("nginx") / "index", default_encoder)
    with serving(bundle, behind_nginx("5/day")) as server:
        yield server


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, api: ApiServer) -> Iterator[Site]:
    to_api = {"server 127.0.0.1:7861;": f"server {api.url.removeprefix('http://')};"}
    conf = replaced(CONF.read_text(encoding="utf-8"), to_api)
    with nginx_with(conf, tmp_path_factory.mktemp("site")) as started:
        yield started


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
