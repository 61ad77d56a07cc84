"""`mundap index verify`: the files of an index against their checksums."""

import typer

from mundap.commands.options import (
    BundleDirectory,
)

app = typer.Typer()


@app.command("verify", epilog="Example: `mundap index verify my_index`")
def index_verify(directory: BundleDirectory) -> None:
    """Compare every file and the encoders of the serving generation with their checksums."""
    from mundap.index.bundle.bundle import verify_generation
    from mundap.index.bundle.generations import Generations

    manifest = verify_generation(Generations(directory).current())
    typer.echo(
        f"Generation {manifest.generation}: {len(manifest.files)} files and its encoders verified"
    )
