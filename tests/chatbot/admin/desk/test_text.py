"""The words of the owner's page: both languages, none missing, none left over."""

import ast
import re
import tomllib
from pathlib import Path
from string import Formatter

import pytest

from mundap.chatbot.admin.desk import text as module
from mundap.chatbot.admin.desk.menu import SCREENS

ROOM = Path(str(module.__file__)).parents[1]
FILES = sorted((ROOM / "texts").glob("*.toml"))


def fields(text: str) -> list[str]:
    return sorted(name for _, name, *_ in Formatter().parse(text) if name is not None)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_both_languages_say_the_same_of_the_same(path: Path) -> None:
    for name, both in tomllib.loads(path.read_text(encoding="utf-8")).items():
        assert len(both) == 2, name
        assert set(fields(both[0])) == set(fields(both[1])), name
        assert all(both), name


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_an_english_text_holds_no_hangul(path: Path) -> None:
    found = tomllib.loads(path.read_text(encoding="utf-8"))
    assert [name for name, both in found.items() if re.search("[가-힣]", both[1])] == []


@pytest.mark.parametrize("path", sorted((ROOM / "templates").glob("*.j2")), ids=lambda p: p.stem)
def test_every_word_that_a_template_wants_is_there(path: Path) -> None:
    screen = path.name.removesuffix(".html.j2")
    if not (ROOM / "texts" / f"{screen}.toml").exists():
        return  # a part of others
    known = module.words(screen, "ko")
    source = path.read_text(encoding="utf-8")
    wanted = set(re.findall(r"\btext\.(\w+)", source)) - {"get", "format"}
    wanted |= set(re.findall(r'\btext\["([\w.]+)"\]', source))
    assert wanted - set(known) == set()


@pytest.mark.parametrize("path", sorted((ROOM / "templates").glob("*.j2")), ids=lambda p: p.stem)
def test_no_template_shows_what_a_program_says_in_english(path: Path) -> None:
    assert re.findall(r"\bmessage\b|\.error\b", path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("path", sorted(ROOM.rglob("*.py")), ids=lambda path: path.stem)
def test_no_screen_shows_an_exception(path: Path) -> None:
    """Of an exception that is caught a screen may ask what it is, and the log may write it."""
    shown = [
        ast.unparse(call)
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call)
        and any(
            isinstance(value, ast.Name) and value.id == "error"
            for value in (*call.args, *(keyword.value for keyword in call.keywords))
        )
    ]
    allowed = re.compile(r"(_LOG\.error|trouble_of|isinstance)\(")
    assert [call for call in shown if not allowed.match(call)] == []


def test_every_screen_has_a_name_in_both_languages() -> None:
    assert all(screen.ko and screen.en for screen in SCREENS)
    assert len({screen.path for screen in SCREENS}) == len(SCREENS)
