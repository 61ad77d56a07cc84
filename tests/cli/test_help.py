import re
from importlib.metadata import version
from pathlib import Path

import pytest
import typer

from mundap import cli
from tests.command_lines import Mundap, Outcome, commands, parse

COMMANDS = {" ".join(path): command for path, command in commands()}


@pytest.mark.parametrize("name", COMMANDS)
def test_help_of_every_command_shows_an_example(name: str, mundap: Mundap) -> None:
    shown = mundap(*name.split(), "--help")
    assert (shown.code, shown.err) == (0, "")
    assert f"Usage: mundap {name}" in shown.out
    assert f"Example: mundap {name}" in shown.out
    assert not re.search("--[a-z-]*…", shown.out), "a name of an option is cut short"


@pytest.mark.parametrize("name", COMMANDS)
def test_the_example_of_every_command_is_one_that_it_takes(name: str) -> None:
    example = re.fullmatch(r"Example: `(mundap .+)`", COMMANDS[name].epilog)
    assert example is not None
    assert example[1].startswith(f"mundap {name}")
    parse(example[1])


@pytest.mark.parametrize("group", ["", "index", "eval", "data", "export"])
def test_a_group_without_a_command_shows_its_commands(group: str, mundap: Mundap) -> None:
    shown = mundap(*group.split())
    assert (shown.code, shown.err) == (2, "")
    names = [name for name in COMMANDS if name.startswith(group)]
    assert all(name.removeprefix(group).split()[0] in shown.out for name in names)


def test_the_installed_command_is_main() -> None:
    project = (Path(cli.__file__).parent / "pyproject.toml").read_text(encoding="utf-8")
    assert 'mundap = "mundap.cli:main"' in project
    assert typer.main.get_command(cli.app).name == "mundap"


def test_the_version_is_the_packages(mundap: Mundap) -> None:
    assert mundap("--version") == Outcome(0, f"mundap {version('mundap')}\n", "")


@pytest.mark.parametrize("name", ["", "ask", "index build", "data"])
def test_h_is_short_for_help(name: str, mundap: Mundap) -> None:
    assert mundap(*name.split(), "-h") == mundap(*name.split(), "--help")


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        (["mundap", "e"], {"encode", "eval", "export"}),
        (["mundap", "eval", "r"], {"report", "retrieval", "robustness"}),
        (["mundap", "ask", "환불", "--exp"], {"--explain"}),
    ],
)
def test_a_shell_completes_commands_and_options(
    typed: list[str], offered: set[str], mundap: Mundap, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("_MUNDAP_COMPLETE", "complete_bash")
    monkeypatch.setenv("COMP_WORDS", " ".join(typed))
    monkeypatch.setenv("COMP_CWORD", str(len(typed) - 1))
    shown = mundap()
    assert (shown.code, set(shown.out.split()), shown.err) == (0, offered, "")
