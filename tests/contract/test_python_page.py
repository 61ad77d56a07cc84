"""What `from mundap import ...` gives, and the page that shows it."""

import ast
import doctest
import importlib
import re
from pathlib import Path

import pytest

import mundap
from mundap.index.encoders.morpheme_encoder import MorphemeEncoder

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs/python.md"


def names_for_type_checkers() -> dict[str, str]:
    """Return each name that a type checker sees in `mundap`, and the module it is of."""
    tree = ast.parse((ROOT / "mundap/__init__.py").read_text(encoding="utf-8"))
    (block,) = (
        node
        for node in tree.body
        if isinstance(node, ast.If)
        and not node.orelse
        and ast.unparse(node.test) == "TYPE_CHECKING"
    )
    found = [node for node in block.body if isinstance(node, ast.ImportFrom)]
    return {alias.name: str(node.module) for node in found for alias in node.names}


def test_every_public_name_is_what_type_checkers_take_it_for() -> None:
    seen = names_for_type_checkers()
    assert sorted(mundap.__all__) == sorted(seen)
    for name, module in seen.items():
        assert getattr(mundap, name) is getattr(importlib.import_module(module), name)


def test_another_name_is_refused_as_by_any_module() -> None:
    with pytest.raises(AttributeError, match="module 'mundap' has no attribute 'Model'"):
        _ = mundap.Model


def test_every_public_name_is_on_the_page() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert [name for name in mundap.__all__ if not re.search(rf"\b{name}\b", text)] == []


@pytest.mark.slow
def test_the_page_does_as_it_shows(
    default_encoder: MorphemeEncoder,  # made before, as that takes half a minute
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"^```pycon\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.S | re.M)
    page = doctest.DocTestParser().get_doctest("\n".join(blocks), {}, PAGE.name, str(PAGE), 0)
    told: list[str] = []
    found = doctest.DocTestRunner(verbose=False).run(page, out=told.append)
    assert found.attempted > 10
    assert found.failed == 0, "".join(told)
