"""Tokens: who may do what."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from mundap.chatbot.api.layers.access import new_token
from tests.chatbot.api_site import Site, code, site

CLIENT, ADMIN = new_token(), new_token()


OPEN = ("/healthz", "/readyz", "/openapi.json")


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with site(tmp_path_factory.mktemp("open")) as running:
        yield running


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    tokens = {"tokens": {"shop": CLIENT[1]}, "admin_token": ADMIN[1]}
    with site(tmp_path_factory.mktemp("guarded"), **tokens) as running:
        yield running


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def test_a_token_is_long_random_and_told_apart_from_its_hash() -> None:
    token, digest = new_token()
    assert len(token) == 43
    assert digest == hashlib.sha256(token.encode()).hexdigest()
    assert new_token()[0] != token


def test_without_tokens_everyone_may_ask_and_nobody_may_rebuild(api: Site) -> None:
    assert api.get("/v1/info").status_code == 200
    for method, path in [
        ("POST", "/v1/index/rebuild"),
        ("POST", "/v1/index/rollback"),
        ("GET", "/v1/index/jobs/x"),
    ]:
        assert code(api.client.request(method, path)) == (404, "not_found")
    assert not any(path.startswith("/v1/index") for path in api.app.openapi()["paths"])


@pytest.mark.parametrize("path", ["/v1/info", "/v1/faqs", "/metrics", "/v1/nope"])
def test_with_tokens_the_api_wants_one(guarded: Site, path: str) -> None:
    refused = guarded.get(path)
    assert code(refused) == (401, "token_missing")
    assert refused.headers["WWW-Authenticate"] == "Bearer"
    for wrong in (
        bearer("x"),
        {"Authorization": "Bearer"},
        {"Authorization": f"Basic {CLIENT[0]}"},
    ):
        assert code(guarded.get(path, **wrong)) == (401, "token_missing")
    # A hash that leaked opens nothing.
    assert code(guarded.get(path, **bearer(CLIENT[1]))) == (401, "token_missing")
    for token in (CLIENT[0], ADMIN[0]):
        assert guarded.get(path, **bearer(token)).status_code in (200, 404)


@pytest.mark.parametrize("path", [*OPEN, "/docs", "/docs/start.js", "/docs/swagger-ui.css"])
def test_health_and_documentation_want_no_token(guarded: Site, path: str) -> None:
    assert guarded.get(path).status_code == 200


def test_a_client_may_not_do_what_the_administrator_may(guarded: Site) -> None:
    path = "/v1/index/rollback"
    assert code(guarded.post(path, {})) == (401, "token_missing")
    assert code(guarded.post(path, {}, **bearer(CLIENT[0]))) == (403, "token_not_enough")
    # One generation: nothing to go back to.
    assert code(guarded.post(path, {}, **bearer(ADMIN[0]))) == (409, "no_rollback")


def test_the_description_names_the_tokens_that_routes_want(guarded: Site) -> None:
    paths = guarded.app.openapi()["paths"]
    wanting = {path for path, methods in paths.items() for m in methods.values() if "security" in m}
    assert wanting == set(paths) - {"/healthz", "/readyz"}


def test_wrong_tokens_are_counted_so_that_nobody_can_try_them_all(tmp_path: Path) -> None:
    limits = {"rate_limit": "3/hour", "tokens": {"shop": CLIENT[1]}}
    with site(tmp_path, **limits) as api:
        statuses = [api.get("/v1/info", **bearer(f"guess-{n}")).status_code for n in range(5)]
        assert statuses == [401, 401, 401, 429, 429]
        # Its own account, wherever it comes from.
        assert api.get("/v1/info", **bearer(CLIENT[0])).status_code == 200
