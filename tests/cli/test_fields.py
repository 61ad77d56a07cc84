"""An option that is a field of a dataclass is what the field says."""

from dataclasses import dataclass
from typing import Annotated, Any

import pytest
import typer
from typer.testing import CliRunner

from mundap.commands.fields import with_fields

SEEN: list[Any] = []


@dataclass(frozen=True)
class Config:
    count: Annotated[int, "How many."] = 4
    share: Annotated[float | None, "How much."] = None
    fill: Annotated[bool, "Whether to fill up."] = True
    hidden: int = 7


app = typer.Typer()


@app.command("whole")
@with_fields
def whole(name: str, *, config: Config) -> None:
    """Take a whole dataclass."""
    SEEN.append((name, config))


@app.command("given")
@with_fields
def given(name: str, *, values: Annotated[dict[str, Any], Config]) -> None:
    """Take the values that were given."""
    SEEN.append((name, values))


def run(*arguments: str) -> Any:
    SEEN.clear()
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 0, done.output
    return SEEN[0] if SEEN else done.output


@pytest.mark.parametrize(
    ("options", "config", "values"),
    [
        ([], Config(), {}),
        (["--count", "9"], Config(count=9), {"count": 9}),
        (["--share", "0"], Config(share=0.0), {"share": 0.0}),
        (["--no-fill"], Config(fill=False), {"fill": False}),
        (["--count", "4"], Config(), {"count": 4}),
    ],
)
def test_a_command_gets_the_dataclass_or_the_values_given_alone(
    options: list[str], config: Config, values: dict[str, Any]
) -> None:
    assert run("whole", "x", *options) == ("x", config)
    assert run("given", "x", *options) == ("x", values)


def test_the_help_is_the_text_beside_the_field_and_a_field_without_is_no_option() -> None:
    assert "How many." in run("whole", "--help")
    assert "How many; else 4." in run("given", "--help")
    for command in ("whole", "given"):
        assert "--hidden" not in run(command, "--help")


def test_a_value_of_another_type_is_refused() -> None:
    done = CliRunner().invoke(app, ["given", "x", "--count", "many"])
    assert done.exit_code == 2
    assert "Invalid value for '--count'" in done.output
