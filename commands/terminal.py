"""What commands write to the terminal."""

import json
from typing import Any

import typer


def print_json(value: Any) -> None:
    """Print one JSON value, Korean as it is, and nothing else."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2))


def counted(count: int, one: str, many: str) -> str:
    """Return a count with its noun: "1 entry", "2,000 entries"."""
    return f"{count:,} {one if count == 1 else many}"
