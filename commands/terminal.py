"""What commands write to the terminal."""

import json
from typing import Any

import typer


def print_json(value: Any) -> None:
    """Print one JSON value, Korean as it is, and nothing else."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2))
