"""The command line under test: what it takes, and how it ends."""

import re
import shlex
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import typer

from mundap import cli


@dataclass(frozen=True)
class Outcome:
    """Exit code, standard output and standard error of one command."""

    code: int
    out: str
    err: str


# Runs `mundap ARGUMENTS`; the fixture in tests/cli/conftest.py.
Mundap = Callable[..., Outcome]


def assert_refused(outcome: Outcome, reason: str) -> None:
    """One sentence on standard error, nothing on standard output, exit code 2."""
    assert (outcome.code, outcome.out) == (2, "")
    assert re.fullmatch(r"mundap: [^\n]+\n", outcome.err)
    assert re.search(reason, outcome.err)


def parse(line: str) -> dict[str, Any]:
    """Return the parameters of a line such as "mundap ask 환불 -k 3"; raises what typer does."""
    name, *arguments = shlex.split(line)
    command: Any = typer.main.get_command(cli.app)
    context = None
    while True:
        context = command.make_context(name, arguments, parent=context)
        if not hasattr(command, "resolve_command"):
            return dict(context.params)
        rest = [*context._protected_args, *context.args]
        name, command, arguments = command.resolve_command(context, rest)


def commands() -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield the words after `mundap` and the command, for every command that is no group."""
    yield from _below((), typer.main.get_command(cli.app))


def _below(path: tuple[str, ...], command: Any) -> Iterator[tuple[tuple[str, ...], Any]]:
    if not hasattr(command, "commands"):
        yield path, command
        return
    for name, child in command.commands.items():
        yield from _below((*path, name), child)
