"""`mundap index promote`: the generation that serves."""

from pathlib import Path
from typing import Annotated, Any

import typer

from mundap.commands.options import (
    BundleDirectory,
    Wait,
)

app = typer.Typer()


@app.command("promote", epilog="Example: `mundap index promote my_index 3`")
def index_promote(
    directory: BundleDirectory,
    number: Annotated[int, typer.Argument(help="Generation that is to serve.")],
    wait: Wait = 0,
) -> None:
    """Make a generation the serving one, once it has been opened."""
    with _writer(directory, wait) as writer:
        writer.promote(number)
    typer.echo(f"Generation {number:06d} serves now")


def _writer(directory: Path, wait: float) -> Any:
    """Return the writer of an index that is there; the lock would make a directory of it."""
    from mundap.index.bundle.generations import Generations
    from mundap.index.bundle.writer import BundleWriter

    Generations(directory).require_any()
    return BundleWriter.locked(directory, wait=wait)
