"""The tree is the architecture: who imports whom, and what the project depends on."""

import ast
import sys
from collections.abc import Iterable
from functools import cache
from graphlib import TopologicalSorter
from importlib.metadata import packages_distributions
from itertools import chain
from pathlib import Path

import pytest
from packaging.utils import canonicalize_name

from tests.requirements import declared, requirements_of

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("chatbot", "commands", "evaluation", "feedback", "improve", "index", "training")

# The rooms, from the floor up: a file may import its own room and those that stand before it. A
# folder is a room; the files that lie in a package itself are one too, and so is each at the top.
ROOMS = (
    "index",
    "index/korean",
    "index/tables",
    "index/faq/cells",
    "index/faq/sheets",
    "index/faq",
    "index/faq/passages",
    "index/encoders",
    "index/engines",
    "index/query",
    "index/similarity",
    "index/search",
    "index/bundle",
    "evaluation/statistics",
    "evaluation",
    "evaluation/fit",
    "evaluation/report",
    "training",
    "training/bases",
    "training/modules",
    "training/data",
    "training/launch",
    "training/mining/edits",
    "training/mining",
    "training/objectives",
    "training/fit",
    "training/search",
    "training/cross_encoder",
    "training/export",
    "training/pretrained",
    "feedback/store",
    "feedback/store/migrations",
    "feedback/store/migrations/versions",
    "feedback/owners",
    "feedback/exchanges",
    "feedback/traffic",
    "feedback/verdicts",
    "feedback/editing",
    "feedback/unanswered",
    "improve",
    "chatbot",
    "chatbot/similarity",
    "chatbot/home",
    "chatbot/widget",
    "chatbot/page",
    "chatbot/admin/desk",
    "chatbot/admin/screens",
    "chatbot/admin",
    "chatbot/api",
    "chatbot/api/layers",
    "chatbot/api/routes",
    "chatbot/api/serving",
    "library.py",
    "commands",
    "commands/data",
    "commands/eval",
    "commands/faq",
    "commands/index",
    "commands/similarity",
    "cli.py",
    "app.py",
)
# Package -> the packages below it. Rooms of one package are ordered by ROOMS alone.
BELOW = {
    "index": set(),
    "evaluation": {"index"},
    "training": {"evaluation", "index"},
    "feedback": {"index"},
    "improve": {"evaluation", "feedback", "index", "training"},
    "chatbot": {"feedback", "index"},
    "library.py": {"chatbot", "evaluation", "index", "training"},
    "commands": {"chatbot", "evaluation", "feedback", "improve", "index", "training"},
    "cli.py": {"commands", "index", "training"},
    "app.py": {"cli.py"},
}

# Library -> the only places that may import it.
_TORCH = ("training", "index/encoders/sentence_encoder.py", "index/similarity/cross_encoder.py")
WALLS = {
    "faiss": ("index/engines",),
    "kiwipiepy": ("index/korean",),
    "onnxruntime": ("index/encoders", "training/export"),
    "tokenizers": ("index/encoders", "training/bases", "training/pretrained"),
    "gradio": ("chatbot/page",),
    "dask": ("index/encoders/spread.py",),
    "distributed": ("index/encoders/spread.py",),
    "pymilvus": ("index/engines",),
    "sqlalchemy": ("feedback",),
    "alembic": ("feedback/store",),
    "fastapi": ("chatbot/admin", "chatbot/api"),
    "fastapi_offline": ("chatbot/api/routes/docs.py",),
    "torch": _TORCH,
    "sentence_transformers": _TORCH,
    "transformers": _TORCH,
    "datasets": _TORCH,
}

# Imported here and not named in pyproject.toml: the package on the right requires it, and its
# range of versions is the one that fits.
COMES_WITH = {
    "huggingface_hub": "sentence-transformers",
    "transformers": "sentence-transformers",
    "pydantic": "pydantic-settings",
    "markupsafe": "jinja2",
    "dask": "distributed",
    "packaging": "pytest",
    "yaml": "accelerate",
    "starlette": "fastapi",
    "pytrec_eval": "ir-measures",
    "grpc": "pymilvus",
}
# Named in pyproject.toml and imported nowhere here: what needs it.
NEEDED_BY = {
    "httptools": "uvicorn reads requests with it",
    "python-multipart": "fastapi reads forms with it",
    "uvloop": "uvicorn takes it for its event loop",
}
# The same for the extra `onnx`.
NEEDED_BY_ONNX = {
    "onnxscript": "torch.onnx.export refuses to start without it",
}
# Imported by the benchmarks of peers alone -> the package of the extra `peers` that installs it.
PEERS = {
    "haystack": "haystack-ai",
    "langchain_core": "langchain-core",
    "langchain_postgres": "langchain-postgres",
    "pgvector": "pgvector",
    "txtai": "txtai",
}
TOOLS = {
    "build": "builds the wheel in test_wheel.py",
    "hatchling": "the build back-end of that wheel, which is built without a network",
    "milvus-lite": "the tests start it as a server",
    "mypy": "make types",
    "distributed": "the tests build with its workers, through index/encoders/spread.py",
    "pymilvus": "the tests ask that server with it, through index/engines",
    "pandas-stubs": "types for mypy",
    "pre-commit": "runs the same checks before a commit",
    "pytest-xdist": "make test spreads over two processes",
    "ruff": "make lint",
}


def files_of(*folders: str) -> list[str]:
    found = chain.from_iterable((ROOT / folder).rglob("*.py") for folder in folders)
    return sorted(path.relative_to(ROOT).as_posix() for path in found)


PACKAGE_FILES = files_of(*PACKAGES)
SHIPPED = [*PACKAGE_FILES, "app.py", "cli.py", "library.py"]


@cache
def syntax(file: str) -> ast.Module:
    return ast.parse((ROOT / file).read_text(encoding="utf-8"), filename=file)


@cache
def imported_modules(file: str) -> set[str]:
    """Return every absolute module name a file imports, wherever the statement stands."""
    names: set[str] = set()
    for node in ast.walk(syntax(file)):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}:{node.lineno}: relative import"
            names.add(str(node.module))
    return names


def file_of(module: str) -> str | None:
    """Return the file of a module of ours, and None for every other."""
    if not module.startswith("mundap."):
        return None
    path = module.removeprefix("mundap.").replace(".", "/")
    found = [file for file in (f"{path}.py", f"{path}/__init__.py") if (ROOT / file).exists()]
    assert found, f"{module} is no module of ours"
    return found[0]


@cache
def our_imports(file: str) -> set[str]:
    """Return the files of ours that a file imports."""
    return {found for module in imported_modules(file) if (found := file_of(module))}


def room_of(file: str) -> str:
    return file.rpartition("/")[0] or file


def package_of(file: str) -> str:
    return file.partition("/")[0]


def called_names(nodes: Iterable[ast.AST]) -> set[str]:
    """Return the name of each function that a node of `nodes` calls, as it is written."""
    return {ast.unparse(node.func) for node in nodes if isinstance(node, ast.Call)}


def top_levels(file: str) -> set[str]:
    return {name.partition(".")[0] for name in imported_modules(file)}


def third_party(files: list[str]) -> set[str]:
    """Return the import names of other people's packages that the files use."""
    ours = {"benchmarks", "mundap", "tests"}
    return set().union(*map(top_levels, files)) - ours - set(sys.stdlib_module_names)


def test_every_folder_is_a_room_and_every_room_a_folder() -> None:
    # A package all of whose files lie in rooms has only its docstring itself.
    assert {room_of(file) for file in SHIPPED if not is_face(file)} == set(ROOMS)


def test_a_package_imports_only_what_lies_below_it() -> None:
    wrong = {file: above for file in SHIPPED if (above := imported_packages(file) - allowed(file))}
    assert wrong == {}


def imported_packages(file: str) -> set[str]:
    return set(map(package_of, our_imports(file)))


def allowed(file: str) -> set[str]:
    package = package_of(file)
    return {package, *BELOW[package]}


def test_a_room_imports_only_rooms_that_stand_before_it() -> None:
    wrong = {
        file: back
        for file in SHIPPED
        if (back := {f for f in our_imports(file) if is_after(room_of(f), room_of(file))})
    }
    assert wrong == {}


def is_after(room: str, other: str) -> bool:
    return ROOMS.index(room) > ROOMS.index(other)


def test_no_files_import_each_other_in_a_circle() -> None:
    TopologicalSorter({file: our_imports(file) for file in SHIPPED}).prepare()


@pytest.mark.parametrize("library", WALLS)
def test_only_its_wall_imports_a_library(library: str) -> None:
    importers = [file for file in SHIPPED if library in top_levels(file)]
    assert [file for file in importers if not within(file, WALLS[library])] == []


def within(file: str, places: tuple[str, ...]) -> bool:
    return any(file == place or file.startswith(f"{place}/") for place in places)


def test_no_wall_guards_nothing() -> None:
    assert set(WALLS) - third_party(SHIPPED) == set()


def test_names_are_imported_from_their_module_not_from_a_room() -> None:
    wrong = {f: bare for f in SHIPPED if (bare := {m for m in our_imports(f) if is_face(m)})}
    assert wrong == {}


def is_face(file: str) -> bool:
    return file.endswith("__init__.py")


def test_a_room_file_holds_a_docstring_only() -> None:
    faces = [file for file in SHIPPED if is_face(file)]
    others = [f for f in faces if len(syntax(f).body) > 1 or not ast.get_docstring(syntax(f))]
    assert others == []


def test_packages_print_nothing() -> None:
    assert [f for f in PACKAGE_FILES if "print" in called_names(ast.walk(syntax(f)))] == []


def test_importing_a_module_calls_nothing() -> None:
    """A bare call at the top level, such as logging.basicConfig(), would run on import."""
    calls = {
        file: names
        for file in SHIPPED
        if (names := called_names(n.value for n in syntax(file).body if isinstance(n, ast.Expr)))
    }
    assert calls == {}


def test_a_file_of_a_package_has_at_most_300_lines() -> None:
    lengths = {f: len((ROOT / f).read_text(encoding="utf-8").splitlines()) for f in PACKAGE_FILES}
    assert {file: length for file, length in lengths.items() if length > 300} == {}


def distributions_of(modules: set[str]) -> set[str]:
    """Return the package that installs each module, by the environment's own records."""
    installed = packages_distributions()
    return {canonicalize_name(installed.get(module, [module])[0]) for module in modules}


def test_every_import_of_the_packages_is_a_declared_dependency() -> None:
    used = third_party(SHIPPED) - set(COMES_WITH)
    assert distributions_of(used) - declared("dask", "milvus", "onnx") == set()


def test_every_declared_dependency_is_imported_or_has_a_reason() -> None:
    used = distributions_of(third_party(SHIPPED))
    assert declared() - used == set(NEEDED_BY)
    assert declared("onnx") - declared() - used == set(NEEDED_BY_ONNX)


def test_tests_and_benchmarks_import_declared_dependencies_only() -> None:
    used = third_party(files_of("tests", "benchmarks")) - set(COMES_WITH) - set(PEERS)
    assert distributions_of(used) - declared("dev", "onnx") == set()


def test_what_the_benchmarks_compare_with_is_an_extra_of_its_own() -> None:
    assert declared("peers") - declared() == set(PEERS.values())
    assert set(PEERS) & third_party([*SHIPPED, *files_of("tests")]) == set()


def test_every_development_dependency_is_imported_or_a_tool() -> None:
    used = distributions_of(third_party(files_of("tests", "benchmarks")))
    assert declared("dev") - declared() - used == set(TOOLS)


@pytest.mark.parametrize(("module", "parent"), COMES_WITH.items())
def test_what_comes_with_a_dependency_is_required_by_it(module: str, parent: str) -> None:
    assert canonicalize_name(parent) in declared("dev")
    assert distributions_of({module}) <= requirements_of(parent)
