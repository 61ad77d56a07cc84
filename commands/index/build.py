"""`mundap index build`: a new generation of a search index."""

from typing import Annotated, Literal

import typer

from mundap.commands.fields import with_fields
from mundap.commands.generation import write_generation
from mundap.commands.inputs import read_faq_option
from mundap.commands.options import InScopeShare, TargetAccuracy
from mundap.commands.terminal import say_done
from mundap.index.bundle.build_options import BuildOptions
from mundap.index.faq.sheets.columns import FaqColumns

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
    workers: Annotated[
        str | None,
        typer.Option(help="Processes that read the FAQ: a number, or a Dask scheduler's address."),
    ] = None,
    promote: Annotated[
        bool, typer.Option(help="Let it serve; without, it waits for `mundap index promote`.")
    ] = True,
    *,
    options: BuildOptions,
    columns: FaqColumns,
) -> None:
    """Write a new generation of an index and make it the serving one."""
    from mundap.index.bundle.writer import BundleWriter

    # Who waits for another rebuild reads the FAQ as it is once that has ended.
    with BundleWriter.locked(options.output, wait=options.wait) as writer:
        manifest, told = write_generation(
            writer,
            read_faq_option(options.faq, columns),
            options,
            kind=kind,
            target_accuracy=target_accuracy,
            in_scope_share=in_scope_share,
            keep=keep,
            promote=promote,
            workers=workers,
        )
    say_done(
        {"generation": manifest.generation},
        f"Generation {manifest.generation}: {manifest.entries} entries, {manifest.passages} "
        f"questions ({manifest.encoded} newly embedded), {manifest.index_kind} index in "
        f"{options.output}",
        told,
    )
