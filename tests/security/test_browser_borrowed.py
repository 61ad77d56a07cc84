"""Another site cannot use a visitor's browser against the service."""

import re
from pathlib import Path

import pytest

from tests.security.conftest import Service, serve

pytestmark = pytest.mark.slow

PATHS = ["/", "/v1/info", "/theme.css", "/gradio_api/app_id", "/widget.js"]
FRAMED = "https://shop.example"
FOREIGN = "https://evil.example"


def names(service: Service, path: str, **headers: str) -> set[str]:
    return set(service.client.get(path, headers=headers).headers)


@pytest.mark.parametrize("path", PATHS)
def test_no_answer_names_a_foreign_origin(service: Service, path: str) -> None:
    found = names(service, path, Origin=FOREIGN)
    assert not [name for name in found if name.startswith("access-control-")]


@pytest.mark.parametrize("path", ["/", "/gradio_api/run/predict", "/gradio_api/upload"])
def test_a_foreign_page_may_send_nothing_to_the_page(service: Service, path: str) -> None:
    answer = service.client.post(path, headers={"Origin": FOREIGN}, content=b"{}")
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "foreign_page")


@pytest.mark.parametrize("path", PATHS)
def test_no_other_site_frames_anything_that_is_not_told_to(service: Service, path: str) -> None:
    policy = service.client.get(path).headers["content-security-policy"]
    assert re.search("frame-ancestors ('none'|'self')(;|$)", policy)


def test_a_listed_site_frames_the_page_alone_and_sends_it_nothing(
    tmp_path: Path, index: Path
) -> None:
    with serve(tmp_path / "framed", index, embed_origins=f'["{FRAMED}"]') as service:
        for path in PATHS:
            headers = service.client.get(path).headers
            is_page = path not in {"/v1/info", "/widget.js"}
            assert (FRAMED in headers["content-security-policy"]) is is_page
            assert headers.get("x-frame-options") == (None if is_page else "DENY")
            # Only the script may be read.
            found = names(service, path, Origin=FRAMED)
            assert ("access-control-allow-origin" in found) is (path == "/widget.js")
        for path in ("/", "/gradio_api/run/predict", "/gradio_api/upload"):
            answer = service.client.post(path, headers={"Origin": FRAMED}, content=b"{}")
            assert (answer.status_code, answer.json()["error"]["code"]) == (403, "foreign_page")


def test_its_own_page_may(service: Service) -> None:
    own = str(service.client.base_url).rstrip("/")
    body = {"fn_index": 99, "data": [], "session_hash": "x"}
    answer = service.client.post("/gradio_api/run/predict", json=body, headers={"Origin": own})
    assert answer.status_code == 422


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:7861", "10.0.0.1", "127.0.0.1.nip.io"]
)
def test_a_name_that_is_not_its_own_is_refused(service: Service, path: str, host: str) -> None:
    answer = service.client.get(path, headers={"Host": host})
    assert (answer.status_code, answer.json()["error"]["code"]) == (421, "unknown_host")
    assert "allowed_hosts" in answer.json()["error"]["message"]


@pytest.mark.parametrize("host", ["localhost:1", "127.0.0.1", "[::1]:80", "FAQ.example.org"])
def test_its_own_names_are_answered(service: Service, host: str) -> None:
    assert service.client.get("/v1/info", headers={"Host": host}).status_code == 200


def test_health_is_told_under_any_name(service: Service) -> None:
    assert service.client.get("/readyz", headers={"Host": "10.0.0.1"}).status_code == 200


def test_what_a_proxy_might_say_changes_no_address_on_the_page(service: Service) -> None:
    headers = {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"}
    assert "evil.example" not in service.client.get("/", headers=headers).text


def test_the_page_sets_no_cookie(service: Service) -> None:
    assert "set-cookie" not in names(service, "/", Cookie="access-token=x")
