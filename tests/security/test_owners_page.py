"""The owner's page as a stranger meets it: nothing of it opens without a password."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.security.conftest import ROOT, Service, serve

pytestmark = pytest.mark.slow

NAME, PASSWORD = "김하나", "하나몰의 긴 비밀번호"
SCREENS = ("overview", "unanswered", "entries", "try", "changes", "improve", "settings")
# Every form's address, and some that are none.
FORMS = (
    *("leave", "changes/publish", "changes/rollback", "improve", "try/prepare", "undo"),
    *("settings/look", "settings/target", "settings/contact", "settings/said"),
)


def add_owner(folder: Path) -> None:
    environment = {"PYTHONPATH": str(ROOT), "MUNDAP_HOME": str(folder / "home")}
    subprocess.run(
        [sys.executable, "-P", "-m", "mundap.cli", "owner", "add", NAME, "--password-stdin"],
        input=f"{PASSWORD}\n".encode(),
        cwd=folder,
        env={"PATH": "/usr/bin:/bin", "HOME": str(folder), **environment},
        check=True,
    )


@pytest.fixture(scope="module")
def owned(tmp_path_factory: pytest.TempPathFactory, index: Path) -> Iterator[Service]:
    """A service with an owner, who was added while it ran."""
    folder = tmp_path_factory.mktemp("owned")
    with serve(
        folder, index, rate_limit="", trusted_proxies='["127.0.0.1"]', allowed_hosts='["*"]'
    ) as running:
        assert running.client.get("/admin").status_code == 404
        add_owner(folder)
        yield running


def stranger(service: Service, address: str, **headers: str) -> httpx.Client:
    """A client that the trusted proxy says is at `address`: attempts are counted for each."""
    return httpx.Client(
        base_url=service.client.base_url,
        timeout=60,
        headers={"X-Forwarded-For": address, **headers},
    )


def log_in(client: httpx.Client, password: str = PASSWORD, **fields: str) -> httpx.Response:
    return client.post("/admin", data={"name": NAME, "password": password, **fields})


def csrf(client: httpx.Client) -> str:
    found = re.search(r'name="csrf" value="([0-9a-f]{64})"', client.get("/admin/settings").text)
    assert found is not None
    return found[1]


def test_without_an_owner_the_page_is_as_unknown_as_any_other_path(either: Service) -> None:
    unknown = either.client.get("/v1/unknown").json()["error"]
    for path in ("", "/", *(f"/{screen}" for screen in SCREENS), "/files/style.css", "/x"):
        for method in ("GET", "POST"):
            answer = either.client.request(method, f"/admin{path}")
            met = answer.json()["error"]
            known_elsewhere = (answer.status_code, met["code"])
            assert known_elsewhere in {(404, "not_found"), (405, "method_not_allowed")}
            if method == "GET":
                assert (answer.status_code, met["message"]) == (404, unknown["message"])


@pytest.mark.parametrize("screen", SCREENS)
def test_a_stranger_sees_no_screen(owned: Service, screen: str) -> None:
    for cookie in ("", "mundap_owner=x", f"mundap_owner={'x' * 43}"):
        answer = owned.client.get(f"/admin/{screen}", headers={"Cookie": cookie})
        assert (answer.status_code, answer.text) == (303, "")
        assert answer.headers["location"] == f"../admin?to={screen}"


@pytest.mark.parametrize("path", FORMS)
def test_a_stranger_changes_nothing(owned: Service, path: str) -> None:
    answer = owned.client.post(f"/admin/{path}", data={"csrf": "0" * 64})
    assert answer.status_code == 303
    assert re.fullmatch(r"(\.\./)+admin(\?to=improve)?", answer.headers["location"])


@pytest.mark.parametrize("path", FORMS)
def test_an_owner_changes_nothing_without_what_the_form_holds(owned: Service, path: str) -> None:
    with stranger(owned, "10.0.0.1") as client:
        log_in(client)
        log_in_again = stranger(owned, "10.0.0.1")
        log_in(log_in_again)
        others = csrf(log_in_again)
        log_in_again.close()
        for fields in ({}, {"csrf": ""}, {"csrf": "0" * 64}, {"csrf": others}, {"csrf": "가"}):
            answer = client.post(f"/admin/{path}", data=fields)
            assert (answer.status_code, "저장하지 않았어요" in answer.text) == (403, True)
        assert client.get("/admin/settings").status_code == 200


def test_the_cookie_is_for_this_site_and_no_script(owned: Service) -> None:
    with stranger(owned, "10.0.0.2") as client:
        (cookie,) = log_in(client).headers.get_list("set-cookie")
    value, *flags = cookie.split("; ")
    assert re.fullmatch(r"mundap_owner=[\w-]{43}", value, re.ASCII)
    assert {flag.lower() for flag in flags} == {"httponly", "max-age=43200", "samesite=strict"}


def test_over_https_the_cookie_stays_there(owned: Service) -> None:
    with stranger(owned, "10.0.0.2", **{"X-Forwarded-Proto": "https"}) as client:
        assert "; Secure" in log_in(client).headers["set-cookie"]


def test_a_session_that_was_slipped_in_is_never_taken_over(owned: Service) -> None:
    with stranger(owned, "10.0.0.3") as client:
        client.cookies.set("mundap_owner", "A" * 43)
        token = log_in(client).cookies["mundap_owner"]
        assert token != "A" * 43
        again = log_in(client).cookies["mundap_owner"]
        assert again != token
        old = {"Cookie": f"mundap_owner={token}"}
        assert owned.client.get("/admin/overview", headers=old).status_code == 303


def test_a_session_ends_with_the_log_out(owned: Service) -> None:
    with stranger(owned, "10.0.0.4") as client:
        token = log_in(client).cookies["mundap_owner"]
        assert client.post("/admin/leave", data={"csrf": csrf(client)}).status_code == 303
        cookie = {"Cookie": f"mundap_owner={token}"}
        assert owned.client.get("/admin/overview", headers=cookie).status_code == 303
        # The browser is told to forget it.
        assert "Max-Age=0" in client.get("/admin").headers["set-cookie"]


@pytest.mark.parametrize(
    "to",
    [
        *("https://evil.example", "//evil.example", "/\\evil.example", "../../evil", "overview/.."),
        *("javascript:alert(1)", "overview\r\nSet-Cookie: x=y", "leave", ""),
    ],
)
def test_the_log_in_leads_nowhere_else(owned: Service, to: str) -> None:
    with stranger(owned, "10.0.0.5") as client:
        answer = log_in(client, to=to)
        assert answer.headers["location"] == "admin/overview"
        assert client.get("/admin", params={"to": to}).headers["location"] == "admin/overview"
        assert log_in(client, to="settings").headers["location"] == "admin/settings"


def test_a_page_of_another_site_may_not_log_anybody_in(owned: Service) -> None:
    with stranger(owned, "10.0.0.6", Origin="https://evil.example") as client:
        answer = log_in(client)
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "foreign_page")


def test_guessing_is_slowed_down_for_each_client(owned: Service) -> None:
    with stranger(owned, "10.0.0.7") as client:
        met = [log_in(client, f"짐작한 비밀번호 {n}").status_code for n in range(12)]
        assert met == [401] * 10 + [429] * 2
        answer = log_in(client)
        assert answer.status_code == 429
        assert 0 < int(answer.headers["retry-after"]) <= 300
    with stranger(owned, "10.0.0.8") as other:
        assert log_in(other).status_code == 303


def test_a_refusal_tells_nothing_of_who_is_known(owned: Service) -> None:
    with stranger(owned, "10.0.0.9") as client:
        known = log_in(client, "짐작한 비밀번호예요")
        unknown = client.post("/admin", data={"name": "이둘", "password": "짐작한 비밀번호예요"})
    assert known.status_code == unknown.status_code == 401
    assert known.text.replace(NAME, "이둘") == unknown.text


@pytest.mark.parametrize("path", ["", *(f"/{screen}" for screen in SCREENS)])
def test_no_screen_runs_or_is_framed_by_anything_foreign(owned: Service, path: str) -> None:
    with stranger(owned, "10.0.0.10") as client:
        if path:
            log_in(client)
        answer = client.get(f"/admin{path}")
    assert answer.status_code == 200
    assert answer.headers["content-security-policy"] == (
        "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
        "form-action 'self'; frame-ancestors 'none'"
    )
    assert answer.headers["x-frame-options"] == "DENY"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "same-origin"
    assert not re.search(r"<script(?! src=)|\son\w+=|\sstyle=|javascript:", answer.text)


def test_a_large_form_is_refused(owned: Service) -> None:
    for path in ("/admin", "/admin/settings/look"):
        answer = owned.client.post(path, content=b"x" * (256 * 1024 + 1))
        assert (answer.status_code, answer.json()["error"]["code"]) == (413, "body_too_large")


@pytest.mark.parametrize("name", ["../desk.py", "..%2fdesk.py", "x", "", "style.css/.."])
def test_no_other_file_is_given_out(owned: Service, name: str) -> None:
    assert owned.client.get(f"/admin/files/{name}").status_code in {303, 404}
    assert owned.client.get("/admin/files/style.css").status_code == 200


def test_owners_see_reasons_on_the_chat_page_and_visitors_do_not(owned: Service) -> None:
    def asked(client: httpx.Client) -> str:
        for number in range(12):
            body = {"fn_index": number, "session_hash": "stranger"}
            body |= {"data": ["배송비는 얼마인가요?", "", "", "ko", ""]}  # type: ignore[dict-item]
            answer = client.post("/gradio_api/run/predict", json=body)
            if "배송비" in answer.text:
                return answer.text
        raise AssertionError("no event answers a question")

    with stranger(owned, "10.0.0.11") as client:
        assert "why" in asked(client)
        assert '"why":null' in asked(client).replace(" ", "")
        log_in(client)
        assert '"why":{' in asked(client).replace(" ", "")
