"""`mundap encode`: embeddings as features for other programs."""

from pathlib import Path
from typing import Annotated

import typer

from mundap.commands.inputs import prepared_encoder
from mundap.commands.options import EncoderName
from mundap.index.progress import progress

app = typer.Typer()


@app.command(epilog="Example: `mundap encode reviews.csv reviews.parquet --column review`")
def encode(
    source: Annotated[Path, typer.Argument(help="Parquet, CSV, JSON Lines or Excel.")],
    output: Annotated[Path, typer.Argument(help="Parquet file to write.")],
    column: Annotated[
        str | None, typer.Option(help="Column to encode; else the first with text.")
    ] = None,
    encoder: EncoderName = "default",
    batch_size: Annotated[int, typer.Option(min=1, help="Texts encoded at once.")] = 256,
) -> None:
    """Write a table's columns and a column `embedding` of unit vectors, whatever its size."""
    from mundap.training.export.features import encode_table

    loaded = prepared_encoder(encoder)
    with progress("Encoding") as advance:
        written = encode_table(
            source, output, loaded, column=column, batch_size=batch_size, advance=advance
        )
    typer.echo(
        f"{written.rows} rows written to {output}: column {written.column!r} as "
        f"{written.dimension} numbers each",
        err=True,
    )
