"""Where everything that is installed comes from, and under which licences."""

import re
from importlib.metadata import metadata
from pathlib import Path

import pytest
from packaging.utils import canonicalize_name

from tests.requirements import declared_lines, needed_by

ROOT = Path(__file__).resolve().parents[2]
CONSTRAINTS = (ROOT / "constraints.txt").read_text(encoding="utf-8")
PIN = re.compile(
    r"([A-Za-z0-9._-]+)==([A-Za-z0-9.+]+)( ; [^\\\n]+)?(?: \\\n +--hash=sha256:[0-9a-f]{64})+"
)

# What may be installed with an Apache-2.0 program and passed on with it.
PERMISSIVE = {
    *("0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "BSL-1.0", "CC0-1.0", "CNRI-Python"),
    *("ISC", "LLVM-exception", "MIT", "MIT-0", "MIT-CMU", "PSF-2.0", "Zlib"),
}
# Copyleft that ends at its own files: nothing of them is changed here.
ALLOWED = PERMISSIVE | {"MPL-2.0"}
# What packages write that state no SPDX expression.
SPELLINGS = {
    "3-Clause BSD License": "BSD-3-Clause",
    "Apache 2.0 License": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD-3-Clause",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
}


def pins() -> dict[str, str]:
    """Return the version of every package that has one with at least one hash."""
    return {canonicalize_name(pin[1]): pin[2] for pin in PIN.finditer(CONSTRAINTS)}


def licences(name: str) -> set[str]:
    """Return the SPDX names that a package states, in an expression or in older words."""
    found = metadata(name)
    expression = found.get("License-Expression")
    classifiers = found.get_all("Classifier", [])
    words = [line.rpartition(" :: ")[2] for line in classifiers if line.startswith("License ::")]
    if not expression and words:
        return {SPELLINGS.get(word, word) for word in words}
    stated = expression or (found.get("License") or "nothing stated").strip()
    stated = SPELLINGS.get(stated, stated)
    return set(re.split(r" (?:AND|OR|WITH) ", re.sub("[()]", "", stated)))


def test_every_line_of_the_constraints_is_a_version_with_hashes() -> None:
    """Write them with `make lock`; without a hash nothing can be installed beside hashes."""
    lines = [line for line in CONSTRAINTS.splitlines() if line and not line.startswith("#")]
    assert re.sub(r"\s+", "", PIN.sub("", "\n".join(lines))) == ""


def test_every_package_that_is_installed_for_the_project_has_a_hash() -> None:
    needed = needed_by("dev", "onnx")
    # torch's builds for other processors bring libraries of their own, by exact version.
    own = {name for name in needed if name.startswith(("nvidia-", "cuda-")) or name == "triton"}
    installers = {"pip", "setuptools", "wheel", "hatchling", "editables"}
    assert (needed - own | installers) - set(pins()) == set()


def test_torch_is_the_build_for_processors_alone() -> None:
    assert pins()["torch"].endswith("+cpu")
    assert [name for name in pins() if name.startswith(("nvidia-", "cuda-"))] == []


def test_the_constraints_name_no_address() -> None:
    assert not re.search(r"://|--(index|extra|find|trusted)", CONSTRAINTS)


def test_the_constraints_lie_within_the_ranges_of_pyproject() -> None:
    found = pins()
    lines = declared_lines("dev", "onnx", "supply")
    versions = {line: found[canonicalize_name(line.name)] for line in lines}
    assert [line for line, pin in versions.items() if not line.specifier.contains(pin)] == []


@pytest.mark.parametrize("name", sorted(needed_by("onnx")))
def test_a_package_that_users_install_has_a_licence_that_ours_can_stand_beside(name: str) -> None:
    assert licences(name) - ALLOWED == set()


@pytest.mark.parametrize("word", ["kiwipiepy_model", "intfloat/multilingual-e5-small"])
def test_the_notice_names_what_encoders_are_derived_from(word: str) -> None:
    assert word in (ROOT / "NOTICE").read_text(encoding="utf-8")
