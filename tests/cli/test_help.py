import re
from pathlib import Path

import pytest
import typer

from mundap import cli
from tests.command_lines import Mundap, commands, parse

COMMANDS = {" ".join(path): command for path, command in commands()}


@pytest.mark.parametrize("name", COMMANDS)
def test_help_of_every_command_shows_an_example(name: str, mundap: Mundap) -> None:
    shown = mundap(*name.split(), "--help")
    assert (shown.code, shown.err) == (0, "")
    assert f"Usage: mundap {name}" in shown.out
    assert f"Example: mundap {name}" in shown.out


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
