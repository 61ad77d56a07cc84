"""`mundap index verify`: the files of an index against their checksums."""

import typer

from mundap.commands.options import (
    BundleDirectory,
)

app = typer.Typer()


@app.command("verify", epilog="Example: `mundap index verify my_index`")
def index_verify(directory: BundleDirectory) -> None:
    """Compare every file and the encoders of the serving generation with their checksums.

    Of one whose vectors Milvus keeps, its collections and aliases, too.
    """
    from mundap.index.bundle.bundle import verify_generation
    from mundap.index.bundle.contents import Contents
    from mundap.index.bundle.generations import Generations

    path = Generations(directory).current()
    manifest = verify_generation(path)
    if manifest.milvus is not None:
        for engine in Contents.read(path, manifest).engines:
            engine.verify()
        manifest.milvus.require_pointed(manifest.generation)
    typer.echo(
        f"Generation {manifest.generation}: {len(manifest.files)} files and its encoders verified"
    )
