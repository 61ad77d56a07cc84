"""What the project is installed with, by pyproject.toml and by the environment's own records."""

import tomllib
from importlib.metadata import distribution
from itertools import chain
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]


def declared_lines(*extras: str) -> list[Requirement]:
    """Return the dependencies of pyproject.toml, and those of these extras."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    groups = [project["dependencies"], *(project["optional-dependencies"][e] for e in extras)]
    return [Requirement(line) for line in chain.from_iterable(groups)]


def declared(*extras: str) -> set[str]:
    """Return their names."""
    return {canonicalize_name(line.name) for line in declared_lines(*extras)}


def requirements_of(name: str) -> set[str]:
    """Return what an installed package requires here, without its extras."""
    lines = map(Requirement, distribution(name).requires or [])
    wanted = [line for line in lines if line.marker is None or line.marker.evaluate({"extra": ""})]
    return {canonicalize_name(line.name) for line in wanted}


def needed_by(*extras: str) -> set[str]:
    """Return everything that is installed for the dependencies and these extras."""
    seen: set[str] = set()
    todo = declared(*extras)
    while todo:
        seen |= todo
        todo = set().union(*map(requirements_of, todo)) - seen
    return seen
