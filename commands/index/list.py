"""`mundap index list`: the generations of an index."""

import typer

from mundap.commands.options import (
    BundleDirectory,
)

app = typer.Typer()


@app.command("list", epilog="Example: `mundap index list my_index`")
def index_list(directory: BundleDirectory) -> None:
    """List the generations, oldest first, and what became of each; `*` marks the serving one."""
    from mundap.index.bundle.bundle import is_good
    from mundap.index.bundle.generations import Generations
    from mundap.index.bundle.manifest import Manifest

    generations = Generations(directory)
    for path, state in generations.states():
        mark = "*" if state == "serving" else " "
        if not is_good(path):
            typer.echo(f"{mark} {path.name}  {state}, damaged")
            continue
        found = Manifest.read(path)
        typer.echo(f"{mark} {path.name}  {state:8}  {found.created}  {found.entries} entries")
