"""Reads `mundap ...` lines as the command line itself does, without running anything."""

import shlex
from collections.abc import Iterator
from typing import Any

import typer

import cli


def parse(line: str) -> dict[str, Any]:
    """Return the parameters of a line such as "mundap ask 환불 -k 3"; raises on a usage error."""
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
