"""The Dockerfile by its text: no engine runs here, so nothing below builds it."""

import ast
import json
import re
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.command_lines import parse

ROOT = Path(__file__).resolve().parents[2]
DOCKERFILE = (ROOT / "deploy" / "Dockerfile").read_text(encoding="utf-8")
IGNORED = (ROOT / "deploy" / "Dockerfile.dockerignore").read_text(encoding="utf-8").split()
KNOWN = {
    *("ARG", "CMD", "COPY", "ENV", "EXPOSE", "FROM", "HEALTHCHECK"),
    *("RUN", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR"),
}
LEFT_OUT = {"gradio", "sentence_transformers", "torch"}
# What a package is called where that is not what is imported.
IMPORTED_AS = {
    "faiss-cpu": "faiss",
    "beautifulsoup4": "bs4",
    "fastapi-offline": "fastapi_offline",
    "markdown-it-py": "markdown_it",
    "prometheus-client": "prometheus_client",
    "pydantic-settings": "pydantic_settings",
    "python-calamine": "python_calamine",
    "python-multipart": "python_multipart",
    "scikit-learn": "sklearn",
}


@dataclass(frozen=True)
class Instruction:
    """One instruction; continued lines joined."""

    name: str
    value: str


def instructions() -> list[Instruction]:
    lines = [line for line in DOCKERFILE.splitlines() if not line.lstrip().startswith("#")]
    joined = "\n".join(lines).replace("\\\n", " ").splitlines()
    words = (line.split(maxsplit=1) for line in joined if line.strip())
    return [Instruction(name, " ".join(value.split())) for name, value in words]


def stages() -> list[list[Instruction]]:
    stages: list[list[Instruction]] = []
    for instruction in instructions():
        if instruction.name == "FROM":
            stages.append([])
        stages[-1].append(instruction)
    return stages


def values(name: str, stage: int) -> list[str]:
    return [found.value for found in stages()[stage] if found.name == name]


def installed() -> set[str]:
    run = next(value for value in values("RUN", 0) if "--constraint" in value)
    return set(run.split("constraints.txt")[1].split())


def test_every_instruction_is_one_that_docker_knows() -> None:
    assert {instruction.name for instruction in instructions()} <= KNOWN


def test_both_stages_start_from_the_python_that_the_project_asks_for() -> None:
    images = [stage[0].value.removesuffix(" AS build") for stage in stages()]
    assert images == ["python:3.11-slim-bookworm"] * 2


def test_nothing_is_installed_or_copied_from_the_source_in_the_second_stage() -> None:
    assert not [value for value in values("RUN", 1) if re.search(r"\b(pip|apt-get)\b", value)]
    assert values("COPY", 1) == ["--from=build /opt/mundap /opt/mundap"]


def test_it_runs_as_a_user_by_number_who_is_not_root() -> None:
    assert values("USER", 1) == ["10001"]
    names = [instruction.name for instruction in stages()[1]]
    assert names.index("USER") < names.index("CMD")


def test_what_is_copied_exists_and_is_not_ignored() -> None:
    copied = {name for value in values("COPY", 0) for name in value.split()[:-1]}
    assert [name for name in copied if not (ROOT / name).exists()] == []
    assert {f"!{name}" for name in copied} == {line for line in IGNORED if line.startswith("!")}


def test_all_that_the_wheel_is_made_of_is_copied() -> None:
    built = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hatch"]
    copied = {name for value in values("COPY", 0) for name in value.split()[:-1]}
    wheel = built["build"]["targets"]["wheel"]
    assert {*wheel["only-include"], *wheel["force-include"]} <= copied


def test_the_modules_that_a_step_imports_exist() -> None:
    named = re.findall(r"from mundap\.([\w.]+) import", DOCKERFILE)
    assert named
    assert [name for name in named if not (ROOT / f"{name.replace('.', '/')}.py").exists()] == []


def test_every_package_is_pinned_by_the_constraints_and_known_to_the_project() -> None:
    pinned = re.findall(r"^([\w-]+)==", (ROOT / "constraints.txt").read_text(), re.MULTILINE)
    assert installed() <= {name.lower().replace("_", "-") for name in pinned}
    assert not installed() & {"torch", "gradio", "sentence-transformers"}


def test_what_serving_imports_is_installed() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = {re.split(r"[<>=\[]", line)[0] for line in project["dependencies"]}
    names = {IMPORTED_AS.get(name, name): name for name in declared}
    used = [
        imports(path) for folder in ("index", "chatbot") for path in ROOT.glob(f"{folder}/**/*.py")
    ]
    # The page and the encoders of sentence-transformers are left out of the image as a whole.
    serving = set().union(*(found for found in used if not found & LEFT_OUT))
    assert {names[name] for name in serving if name in names} <= installed()


def imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            found.add(node.module.split(".")[0])
    return found - set(sys.stdlib_module_names)


@pytest.mark.parametrize("option", ["--interval=", "--timeout=", "--start-period=", "--retries="])
def test_the_health_check_is_bounded(option: str) -> None:
    (check,) = values("HEALTHCHECK", 1)
    assert option in check


def test_the_health_check_runs_and_fails_where_nothing_listens() -> None:
    (check,) = values("HEALTHCHECK", 1)
    program, *arguments = json.loads(check.split("CMD ")[1])
    arguments = [argument.replace("7861", "9") for argument in arguments]
    assert program == "python"
    finished = subprocess.run([sys.executable, *arguments], capture_output=True, text=True)
    assert (finished.returncode, "Connection refused" in finished.stderr) == (1, True)


def test_the_command_line_of_the_container_parses() -> None:
    (command,) = values("CMD", 1)
    parse(" ".join(json.loads(command)))
