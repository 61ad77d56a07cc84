"""`pip install .` elsewhere: what the wheel holds, and that it works away from the repository."""

import json
import os
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from mundap.index.encoders.shipped import SHIPPED_DIRECTORY

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("chatbot", "commands", "evaluation", "feedback", "improve", "index", "training")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
DIST_INFO = f"mundap-{PROJECT['version']}.dist-info"

# Runs with the installed wheel on the path and the working directory elsewhere.
PROBE = """
import json
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
}))
"""
# Prints every module of ours that is loaded with its file, and whose `index` is in reach.
MODULES = """
import json, sys
import mundap.cli, mundap.chatbot.api.serving.app, mundap.training.data.pairs
from mundap import Chatbot
from importlib.util import find_spec
rooms = {"app", "chatbot", "cli", "commands", "evaluation", "feedback", "index", "library"}
rooms |= {"training", "improve"}
ours = {n: m.__file__ for n, m in sys.modules.items() if n.partition(".")[0] in {"mundap", *rooms}}
index = find_spec("index")
print(json.dumps({"modules": ours, "index": index and index.origin}))
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
    """The site-packages of a user who has a package `index` there, after `pip install`."""
    folder = tmp_path_factory.mktemp("site")
    (folder / "index").mkdir()
    (folder / "index/__init__.py").write_text("mine = True\n", encoding="utf-8")
    options = ("--quiet", "--no-index", "--no-deps", "--no-compile", "--target", str(folder))
    run("-m", "pip", "install", *options, str(wheel), cwd=folder)
    return folder


@pytest.fixture(scope="module")
def editable(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `pip install --editable` puts into site-packages."""
    folder = tmp_path_factory.mktemp("editable")
    build = f"import hatchling.build as b; b.build_editable({str(folder)!r})"
    run("-c", build, cwd=ROOT)
    with zipfile.ZipFile(next(folder.glob("*.whl"))) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def sources(pattern: str) -> set[str]:
    return {path.relative_to(ROOT).as_posix() for path in ROOT.glob(pattern)}


def test_the_wheel_holds_every_module(names: set[str]) -> None:
    rooms = set().union(*(sources(f"{package}/**/*.py") for package in PACKAGES))
    modules = {
        f"mundap/{name}" for name in {"app.py", "cli.py", "library.py", "__init__.py"} | rooms
    }
    assert {name for name in names if name.endswith(".py")} == modules


def test_the_wheel_holds_the_scripts_of_page_and_widget(names: set[str]) -> None:
    wanted = {f"mundap/{name}" for name in sources("chatbot/**/*.js")}
    assert {"mundap/chatbot/page/visit.js", "mundap/chatbot/widget/widget.js"} < wanted
    assert {name for name in names if name.endswith(".js")} == wanted
    assert "mundap/chatbot/page/icon.svg" in names


def test_the_wheel_holds_the_bundled_data(names: set[str]) -> None:
    data = sources("data/*.csv") | sources("data/faq/*.csv")
    assert {name for name in names if name.endswith(".csv")} == {f"mundap/{n}" for n in data}


def test_the_wheel_holds_the_pretrained_encoder_and_no_faqs_to_train_on(names: set[str]) -> None:
    files = {path.name for path in SHIPPED_DIRECTORY.iterdir() if path.is_file()}
    assert {"config.json", "encoder.onnx", "embeddings.npy"} < files
    held = {name for name in names if name.startswith("mundap/data/encoder/")}
    assert held == {f"mundap/data/encoder/{name}" for name in files}
    assert sources("data/training_faqs/*.csv")
    assert {name for name in names if "training_faqs" in name} == set()


def test_installing_adds_one_package_beside_those_of_a_user(installed: Path) -> None:
    added = {path.name for path in installed.iterdir()} - {"bin", "index"}
    assert added == {"mundap", DIST_INFO}
    assert [path.name for path in (installed / "index").iterdir()] == ["__init__.py"]


def test_the_wheel_installs_the_command_its_licence_and_notice(
    wheel: Path, names: set[str]
) -> None:
    with zipfile.ZipFile(wheel) as archive:
        entry_points = archive.read(f"{DIST_INFO}/entry_points.txt").decode()
    assert entry_points.split() == ["[console_scripts]", "mundap", "=", "mundap.cli:main"]
    licences = {f"{DIST_INFO}/licenses/{name}" for name in ("LICENSE", "NOTICE")}
    assert licences | {"mundap/py.typed"} <= names


def loaded(code: str, cwd: Path, **env: str) -> tuple[dict[str, Path], str | None]:
    """Return the modules of ours that are loaded, with their real files, and the found `index`."""
    found = json.loads(run("-P", "-c", code, cwd=cwd, **env))
    return {name: Path(file).resolve() for name, file in found["modules"].items()}, found["index"]


def require_one_of_each(modules: dict[str, Path], root: Path) -> None:
    assert len(modules) > 20
    assert {name.partition(".")[0] for name in modules} == {"mundap"}
    assert len(set(modules.values())) == len(modules)
    assert [file for file in modules.values() if not file.is_relative_to(root)] == []


def test_an_installed_wheel_loads_its_own_modules_once_beside_a_users_index(
    installed: Path, tmp_path: Path
) -> None:
    # An editable install of the repository comes after PYTHONPATH.
    modules, index = loaded(MODULES, tmp_path, PYTHONPATH=str(installed))
    require_one_of_each(modules, installed)
    assert index == str(installed / "index/__init__.py")


def test_an_editable_install_loads_the_checkout_once_and_puts_no_room_within_reach(
    editable: Path, tmp_path: Path
) -> None:
    # Python would put what the file lists after the packages of this very environment.
    listed = (editable / "_mundap.pth").read_text(encoding="utf-8").split()
    path = os.pathsep.join([str(editable), *listed])
    modules, index = loaded(MODULES, tmp_path, PYTHONPATH=path)
    require_one_of_each(modules, ROOT)
    assert index is None


def test_a_checkout_loads_each_module_once(tmp_path: Path) -> None:
    modules, _ = loaded(MODULES, tmp_path, PYTHONPATH=str(ROOT))
    require_one_of_each(modules, ROOT)


def test_an_installed_wheel_looks_for_its_modules_in_its_own_folder(
    installed: Path, tmp_path: Path
) -> None:
    code = "import mundap, json; print(json.dumps(list(mundap.__path__)))"
    path = json.loads(run("-P", "-c", code, cwd=tmp_path, PYTHONPATH=str(installed)))
    assert path == [str(installed / "mundap")]


def test_the_data_of_an_installed_wheel_is_its_own(installed: Path, tmp_path: Path) -> None:
    found = json.loads(run("-P", "-c", PROBE, cwd=tmp_path, PYTHONPATH=str(installed)))
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
