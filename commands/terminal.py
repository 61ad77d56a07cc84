"""What commands write to the terminal."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

import typer

from mundap.index.progress import Result, write_event


def print_json(value: Any) -> None:
    """Print one JSON value, Korean as it is, and nothing else."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2))


def say_done(result: Mapping[str, Any], sentence: str, advice: Iterable[str] = ()) -> None:
    """Say what came of the work: `result` to the program that asked, the rest to people."""
    write_event(Result(result))
    typer.echo(sentence, err=True)
    for one in advice:
        typer.echo(f"- {one}", err=True)


def counted(count: int, one: str, many: str) -> str:
    """Return a count with its noun: "1 entry", "2,000 entries"."""
    return f"{count:,} {one if count == 1 else many}"
