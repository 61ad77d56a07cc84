"""`mundap index build`: a new generation of a search index."""

from typing import Annotated, Literal

import typer

from mundap.commands.fields import with_fields
from mundap.commands.inputs import (
    calibration,
    fusing,
    prepared_encoder,
    read_faq_option,
)
from mundap.commands.options import (
    InScopeShare,
    TargetAccuracy,
)
from mundap.index.bundle.build_options import BuildOptions
from mundap.index.faq.columns import FaqColumns
from mundap.index.progress import Result, progress, write_event

app = typer.Typer()


@app.command(
    "build", epilog="Example: `mundap index build --faq my_faq.csv --encoder E --output my_index`"
)
@with_fields
def index_build(
    kind: Annotated[
        Literal["auto", "flat", "fp16", "hnsw", "ivf"],
        typer.Option("--index", help="Kind of index."),
    ] = "auto",
    target_accuracy: TargetAccuracy = None,
    in_scope_share: InScopeShare = None,
    keep: Annotated[int, typer.Option(min=1, help="Newest generations to keep.")] = 3,
    promote: Annotated[
        bool, typer.Option(help="Let it serve; without, it waits for `mundap index promote`.")
    ] = True,
    *,
    options: BuildOptions,
    columns: FaqColumns,
) -> None:
    """Write a new generation of an index and make it the serving one."""
    from mundap.evaluation.findings import findings
    from mundap.index.bundle.advice import advice
    from mundap.index.bundle.contents import read_confidence, read_entries
    from mundap.index.bundle.writer import BundleWriter
    from mundap.index.encoders.registry import encoder_directory, wanted_pretrained

    # Who waits for another rebuild reads the FAQ as it is once that has ended.
    with BundleWriter.locked(options.output, wait=options.wait) as writer:
        entries = read_faq_option(options.faq, columns)
        loaded = prepared_encoder(options.encoder)
        reader, reader_directory = wanted_pretrained(options.pretrained)
        calibrate = calibration(
            options.queries, options.out_of_scope, target_accuracy, in_scope_share
        )
        with progress("Embedding questions") as advance:
            manifest = writer.seal(
                entries,
                loaded,
                encoder_directory=encoder_directory(options.encoder),
                pretrained=reader,
                pretrained_directory=reader_directory,
                kind=kind,
                fuse=fusing(options.queries),
                calibrate=calibrate,
                look=findings,
                advance=advance,
            )
        if promote:
            writer.promote(manifest.generation, loaded, reader)
        writer.prune(keep)
        path = writer.generations.path(manifest.generation)
        told = advice(path, read_entries(path), read_confidence(path))
    write_event(Result({"generation": manifest.generation}))
    typer.echo(
        f"Generation {manifest.generation}: {manifest.entries} entries, {manifest.passages} "
        f"questions ({manifest.encoded} newly embedded), {manifest.index_kind} index in "
        f"{options.output}",
        err=True,
    )
    for one in told:
        typer.echo(f"- {one.text}", err=True)
