"""`mundap data download`: public Korean data."""

from pathlib import Path
from typing import Annotated

import typer

from mundap.index.progress import progress

app = typer.Typer()


@app.command("download", epilog="Example: `mundap data download korsts --output data`")
def data_download(
    name: Annotated[str, typer.Argument(help="Name of a data set, or `list`.")],
    output: Annotated[Path, typer.Option(help="Folder for the Parquet files.")] = Path("."),
    base_url: Annotated[
        str | None, typer.Option(envvar="MUNDAP_DATA_URL", help="A mirror to download from.")
    ] = None,
) -> None:
    """Download public Korean data, verify it and convert it to Parquet."""
    from mundap.training.data.catalogue import CATALOGUE
    from mundap.training.data.download import BASE_URL, download_dataset

    if name == "list":
        for dataset in CATALOGUE.values():
            typer.echo(f"{dataset.name:16} {dataset.licence:14} {dataset.description}")
        return
    with progress(f"Downloading {name}") as advance:
        paths = download_dataset(
            name,
            output,
            progress=lambda held, total: advance(held, total or held),
            base_url=base_url or BASE_URL,
        )
    for path in paths:
        typer.echo(path)
