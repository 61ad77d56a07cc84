"""`pip install .` elsewhere: what the wheel holds, and that it works away from the repository."""

import json
import os
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("chatbot", "commands", "evaluation", "index", "training")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
DIST_INFO = f"mundap-{PROJECT['version']}.dist-info"

# Runs with the unpacked wheel on the path and the working directory elsewhere.
PROBE = """
import importlib, json, sys
import mundap.app, mundap.cli, mundap.training.data.pairs
from mundap.chatbot.home.bundled import bundled_path
from mundap.evaluation.queries import check_against, read_queries, read_texts
from mundap.index.faq.entry import read_faq
entries = read_faq(bundled_path("faq"))
queries = read_queries(bundled_path("queries.csv"))
check_against(queries, entries)
beside = read_texts(bundled_path("out_of_scope.csv"))
print(json.dumps({
    "data": str(bundled_path("faq")),
    "entries": len(entries),
    "queries": len(queries),
    "out_of_scope": len(beside),
    "files": sorted(
        module.__file__
        for name, module in sys.modules.items()
        if name.partition(".")[0] in {"mundap", *json.loads(sys.argv[1])}
    ),
}))
"""


def run(*command: str, cwd: Path, **env: str) -> str:
    # Without the variables by which this interpreter may have found the repository.
    clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        [sys.executable, *command],
        cwd=cwd,
        env={**clean, **env},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    build = ("-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT))
    run(*build, cwd=folder)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def names(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What pip would put into another environment's site-packages."""
    folder = tmp_path_factory.mktemp("site")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def sources(pattern: str) -> set[str]:
    return {path.relative_to(ROOT).as_posix() for path in ROOT.glob(pattern)}


def test_the_wheel_holds_every_module(names: set[str]) -> None:
    rooms = set().union(*(sources(f"{package}/**/*.py") for package in PACKAGES))
    modules = {f"mundap/{name}" for name in {"app.py", "cli.py", "__init__.py"} | rooms}
    assert {name for name in names if name.endswith(".py")} == modules


def test_the_wheel_holds_the_bundled_data(names: set[str]) -> None:
    data = sources("data/*.csv") | sources("data/faq/*.csv")
    assert {name for name in names if name.endswith(".csv")} == {f"mundap/{n}" for n in data}


def test_the_wheel_claims_no_other_top_level_name(names: set[str]) -> None:
    tops = {name.partition("/")[0] for name in names}
    assert tops == {"mundap", DIST_INFO}


def test_the_wheel_installs_the_command_and_its_licence(wheel: Path, names: set[str]) -> None:
    with zipfile.ZipFile(wheel) as archive:
        entry_points = archive.read(f"{DIST_INFO}/entry_points.txt").decode()
    assert entry_points.split() == ["[console_scripts]", "mundap", "=", "mundap.cli:main"]
    assert f"{DIST_INFO}/licenses/LICENSE" in names


def test_modules_and_data_of_an_installed_wheel_are_its_own(
    installed: Path, tmp_path: Path
) -> None:
    ours = json.dumps([*PACKAGES, "app", "cli"])
    # -P: not the working directory. An editable install of the repository comes after PYTHONPATH.
    found = json.loads(run("-P", "-c", PROBE, ours, cwd=tmp_path, PYTHONPATH=str(installed)))
    elsewhere = [file for file in found["files"] if not Path(file).is_relative_to(installed)]
    assert elsewhere == []
    assert len(found["files"]) > 20
    assert Path(found["data"]) == installed / "mundap/data/faq"
    assert found["entries"] >= 300
    assert found["queries"] >= 2 * found["entries"]
    assert found["out_of_scope"] >= 200


def test_the_command_of_an_installed_wheel_works(installed: Path, tmp_path: Path) -> None:
    code = "from mundap import cli; print(cli.__file__, flush=True); cli.main()"
    arguments = ("data", "export", str(installed / "mundap/data/faq"), "faq.jsonl")
    shown = run("-P", "-c", code, *arguments, cwd=tmp_path, PYTHONPATH=str(installed))
    assert shown == f"{installed / 'mundap/cli.py'}\n"
    assert len((tmp_path / "faq.jsonl").read_text(encoding="utf-8").splitlines()) >= 300
