"""The commands of docs/api.md: run against a real server, their answers have the shape shown."""

import hashlib
import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from benchmarks.api_server import ApiServer, serving
from mundap.chatbot.api.settings import ApiSettings
from mundap.chatbot.home.bundled import bundled_path
from mundap.index.encoders.encoder import Encoder
from tests.served_bundle import served_bundle

PAGE = Path(__file__).resolve().parents[2] / "docs" / "api.md"
ADDRESS = "http://127.0.0.1:7861"
ADMIN_TOKEN = "admin-token-of-a-test"
# What programs decide by, so a page must not show another value.
DECISIVE = {"kind", "code", "status", "column"}

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed"),
]


@dataclass(frozen=True)
class Example:
    """One command of the page and what the page shows below it."""

    command: str
    shown: str


def examples() -> list[Example]:
    blocks = re.findall(r"^```console\n(.*?)^```", PAGE.read_text("utf-8"), re.DOTALL | re.M)
    found = []
    for block in blocks:
        for part in re.split(r"^\$ ", block, flags=re.M)[1:]:
            command, _, shown = re.sub(r"\\\n\s*", "", part).partition("\n")
            found.append(Example(command, shown.strip()))
    return [example for example in found if not example.command.startswith("mundap")]


def shape(value: Any, key: str = "") -> Any:
    """Return the kinds of things in a JSON value, and what is decisive as it is."""
    if isinstance(value, dict):
        return {name: shape(each, name) for name, each in value.items()}
    if isinstance(value, list):
        return [shape(each) for each in value]
    if key in DECISIVE:
        return value
    kinds: dict[type, str] = {bool: "bool", int: "number", float: "number", str: "text"}
    return kinds.get(type(value), "null")


def same_shape(shown: Any, met: Any) -> bool:
    """Compare two shapes; null stands for anything, and a list for each of its elements."""
    if isinstance(shown, list) and isinstance(met, list):
        return all(same_shape(shown[0], each) for each in met) if shown else True
    if isinstance(shown, dict) and isinstance(met, dict):
        return set(shown) == set(met) and all(same_shape(shown[k], met[k]) for k in shown)
    return shown == met or "null" in (shown, met)


@pytest.fixture(scope="module")
def server(
    tmp_path_factory: pytest.TempPathFactory, default_encoder: Encoder
) -> Iterator[ApiServer]:
    bundle = tmp_path_factory.mktemp("api") / "index"
    for _ in ("one to roll back to", "one to serve"):
        served_bundle(bundle, default_encoder)
    admin = hashlib.sha256(ADMIN_TOKEN.encode()).hexdigest()
    home = {"MUNDAP_HOME": str(bundle.with_name("home"))}
    settings = {"MUNDAP_API_ADMIN_TOKEN": admin, **home}
    with serving(bundle, settings, faq=bundled_path("faq") / "app.csv") as served:
        yield served


def run(command: str, folder: Path, variables: dict[str, str]) -> str:
    """Return what a command prints; it must not fail nor complain."""
    finished = subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert (finished.returncode, finished.stderr) == (0, ""), command
    return finished.stdout


def remembered(met: Any) -> dict[str, str]:
    """Return the variables that later commands of the page take from this answer."""
    names = {"request_id": "REQUEST_ID", "job_id": "JOB_ID"}
    if not isinstance(met, dict):
        return {}
    return {variable: str(met[name]) for name, variable in names.items() if name in met}


def without_figures(text: str) -> list[str]:
    """Return the lines of a table or of metrics, each number the same."""
    return [re.sub(r"-?[\d.]+(e[+-]\d+)?", "0", line) for line in text.strip("\ufeff").splitlines()]


def test_every_command_gives_what_the_page_shows(server: ApiServer, tmp_path: Path) -> None:
    variables = {"ADMIN_TOKEN": ADMIN_TOKEN}
    wrong = []
    for example in examples():
        printed = run(example.command.replace(ADDRESS, server.url), tmp_path, variables)
        if example.shown.startswith("{"):
            met = json.loads(printed)
            variables |= remembered(met)
            if not same_shape(shape(json.loads(example.shown)), shape(met)):
                wrong.append((example.command, printed))
        elif without_figures(printed) != without_figures(example.shown):
            wrong.append((example.command, printed))
    assert wrong == []


def test_the_page_names_every_setting_of_the_api() -> None:
    rows = re.findall(r"^\| (`[^|]+) \|", PAGE.read_text("utf-8"), re.M)
    named = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    assert named == set(ApiSettings.model_fields)


def test_every_route_of_the_schema_has_a_command(server: ApiServer) -> None:
    paths = json.loads(server.get("/openapi.json"))["paths"]
    routes = {(method.upper(), path) for path, each in paths.items() for method in each}
    assert {route for route in routes if not any(calls(e.command, *route) for e in examples())} == (
        set()
    )


def calls(command: str, method: str, path: str) -> bool:
    if not command.startswith("curl"):
        return False
    posts = re.search(r" (--json|--form|--request POST)", command) is not None
    address = re.search(re.escape(ADDRESS) + r"(/[^\s'\"?]*)", command)
    pattern = re.sub(r"\\{\w+\\}", "[^/]+", re.escape(path))
    return (
        (method == "POST") == posts
        and address is not None
        and re.fullmatch(pattern, address[1]) is not None
    )
