"""`mundap index rollback`: back to the generation before."""

from pathlib import Path
from typing import Any

import typer

from mundap.commands.options import (
    BundleDirectory,
    Wait,
)

app = typer.Typer()


@app.command("rollback", epilog="Example: `mundap index rollback my_index`")
def index_rollback(directory: BundleDirectory, wait: Wait = 0) -> None:
    """Reject the serving generation; the last one that served before, and opens, serves again."""
    with _writer(directory, wait) as writer:
        path = writer.rollback()
    typer.echo(f"Generation {path.name} serves now")
    from mundap.chatbot.home.published import is_published

    if is_published(directory):
        typer.echo(
            "Its FAQ is edited in a store, which still holds what was taken back: the next "
            "publication would bring it in again. `mundap faq rollback` goes back with the FAQ.",
            err=True,
        )


def _writer(directory: Path, wait: float) -> Any:
    """Return the writer of an index that is there; the lock would make a directory of it."""
    from mundap.index.bundle.generations import Generations
    from mundap.index.bundle.writer import BundleWriter

    Generations(directory).require_any()
    return BundleWriter.locked(directory, wait=wait)
