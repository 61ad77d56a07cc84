"""Every route that the process answers: known, limited and wanted."""

import json
import re
import subprocess
import sys
import time

import pytest

from mundap.chatbot.api.layers.page_routes import PAGE_ROUTES, routes_at
from tests.security.conftest import Service

pytestmark = pytest.mark.slow

OURS = {
    "/docs", "/healthz", "/metrics", "/openapi.json", "/readyz", "/v1/ask", "/v1/ask:batch",
    "/v1/faqs", "/v1/faqs/{entry_id}", "/v1/feedback", "/v1/info", "/v1/search", "/v1/sts",
    "/v1/sts/rank",
}  # fmt: skip
PAGE = {
    ("/", "file"),
    ("/theme.css", "file"),
    ("/favicon.ico", "file"),
    (r"/assets/[\w.-]+", "file"),
    (r"/static/(fonts/[\w.-]+|img|js)/[\w.-]+", "file"),
    ("/gradio_api/app_id", "file"),
    ("/gradio_api/run/predict", "event"),
}
# Of gradio's, what reads files, fetches addresses, keeps what was said or costs a loop each.
CLOSED = [
    "/gradio_api/file/etc/passwd",
    "/gradio_api/proxy=http://127.0.0.1/",
    "/gradio_api/deep_link?session_hash=stranger",
    "/gradio_api/dev/reload",
    "/gradio_api/queue/data?session_hash=zz",
    "/gradio_api/queue/status",
    "/gradio_api/info",
    "/gradio_api/openapi.json",
    "/gradio_api/startup-events",
    "/gradio_api/custom_component/a/client/b/c",
    "/gradio_api/stream/a/b/1/playlist-file",
    "/gradio_api/vibe-code",
    "/gradio_api/run-history/buckets",
    "/gradio_api/runs",
    "/config",
    "/monitoring",
    "/manifest.json",
    "/svelte/x.js",
    "/static/../../routes.py",
    "/static/..%2f..%2froutes.py",
    "/assets/..%2f..%2froutes.py",
    "/gradio_api/heartbeat/here",
]


def test_the_routes_of_the_api_are_the_ones_that_are_wanted(either: Service) -> None:
    described = either.client.get("/openapi.json").json()["paths"]
    assert {*described, "/docs", "/openapi.json"} == OURS


def test_the_documentation_has_its_own_files_and_no_others(either: Service) -> None:
    names = {"start.js": 200, "swagger-ui-bundle.js": 200, "swagger-ui.css": 200}
    closed = ("", "redoc.standalone.js", "favicon.png", "../core.py", "..%2fcore.py", "x")
    met = {name: either.client.get(f"/docs/{name}").status_code for name in (*names, *closed)}
    assert met == names | dict.fromkeys(closed, 404)


def test_the_routes_of_the_page_are_the_ones_that_are_wanted() -> None:
    assert {(route.path, route.kind) for route in PAGE_ROUTES} == PAGE


def test_no_other_route_of_gradio_is_answered() -> None:
    """Whatever a later gradio adds is closed until somebody adds it to the list."""
    # In a process of its own: gradio opens event loops that it never closes.
    script = (
        "import gradio as gr, json; app = gr.routes.App.create_app(gr.Blocks());"
        "print(json.dumps([getattr(route, 'path', '') for route in app.routes]))"
    )
    paths = json.loads(subprocess.check_output([sys.executable, "-P", "-c", script]))
    assert len(paths) > 10
    wanted = {path for path in paths if routes_at(path.replace("{path:path}", "x.js"))}
    assert wanted <= {"/", "/theme.css", "/favicon.ico", "/assets/{path:path}"}


@pytest.mark.parametrize("path", CLOSED)
def test_what_the_page_does_not_need_is_not_there(either: Service, path: str) -> None:
    answer = either.client.get(path)
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")


@pytest.mark.parametrize(
    "path",
    [
        *("queue/join", "call/predict", "call/v2/predict", "api/predict", "run/other"),
        *("component_server", "cancel", "reset", "vibe-edit", "process_recording", "stream/x"),
    ],
)
def test_no_other_door_leads_to_the_events(either: Service, path: str) -> None:
    body = {"data": [], "fn_index": 0, "session_hash": "x"}
    assert either.client.post(f"/gradio_api/{path}", json=body).status_code == 404


def test_no_refusal_leaves_more_than_one_line_in_the_log(service: Service) -> None:
    before = len(service.log.read_bytes())
    for path in CLOSED:
        service.client.get(path)
    # A line is written once its reply has gone.
    end = time.monotonic() + 5
    while (new := service.log.read_bytes()[before:]).count(b"\n") < len(CLOSED):
        if time.monotonic() > end:
            break
        time.sleep(0.02)
    assert new.count(b"\n") == len(CLOSED)
    assert b"Traceback" not in new


def test_the_script_of_the_widget_is_there_with_the_page_alone(
    service: Service, api: Service
) -> None:
    assert service.client.get("/widget.js").headers["content-type"].startswith("text/javascript")
    assert service.client.post("/widget.js").status_code == 405
    answer = api.client.get("/widget.js")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")


def test_the_page_itself_and_its_files_are_there(service: Service) -> None:
    page = service.client.get("/?deep_link=x")
    assert page.status_code == 200
    assets = re.findall(r"\./assets/[\w.-]+", page.text)
    assert assets
    assert {service.client.get(asset[1:]).status_code for asset in assets} == {200}


def test_the_page_is_gone_where_it_is_switched_off(api: Service) -> None:
    paths = ["/", "/theme.css", "/gradio_api/app_id", "/gradio_api/file=x"]
    assert {api.client.get(path).status_code for path in paths} == {404}
    assert api.send(b"text\nx\n").status_code == 404
