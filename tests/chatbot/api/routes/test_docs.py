import re
from collections.abc import Iterator

import pytest

from tests.chatbot.api_site import Site, site


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with site(tmp_path_factory.mktemp("docs"), {"title": "문답 <b>가게</b>"}) as served:
        yield served


def test_the_documentation_is_made_of_files_of_this_server(api: Site) -> None:
    page = api.get("/docs").text
    addresses = re.findall(r'(?:src|href)="([^"]+)"', page)
    files = ["/docs/swagger-ui.css", "/docs/swagger-ui-bundle.js", "/docs/start.js"]
    assert sorted(addresses) == sorted([*files, "/openapi.json", "data:,"])
    kinds = {path: api.get(path).headers["content-type"].partition(";")[0] for path in files}
    assert kinds == dict(
        zip(files, ["text/css", "text/javascript", "text/javascript"], strict=True)
    )
    assert "SwaggerUIBundle" in api.get(files[1]).text
    assert 'url: "/openapi.json"' in api.get(files[2]).text


def test_the_title_of_the_documentation_is_text(api: Site) -> None:
    assert "<title>문답 &lt;b&gt;가게&lt;/b&gt;: API</title>" in api.get("/docs").text


def test_the_documentation_runs_files_of_its_own_alone(api: Site) -> None:
    headers = api.get("/docs").headers
    policy = dict(rule.split(" ", 1) for rule in headers["content-security-policy"].split("; "))
    assert policy["default-src"] == policy["frame-ancestors"] == "'none'"
    assert (policy["script-src"], policy["connect-src"]) == ("'self'", "'self'")
    assert (headers["cache-control"], headers["x-frame-options"]) == ("no-store", "DENY")


def test_only_the_files_of_the_package_are_kept_by_a_browser(api: Site) -> None:
    kept = {name: api.get(f"/docs/{name}").headers["cache-control"] for name in FILES}
    assert kept == FILES


FILES = {
    "swagger-ui-bundle.js": "public, max-age=3600",
    "swagger-ui.css": "public, max-age=3600",
    "start.js": "no-store",
}
