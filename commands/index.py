"""`mundap index`: build a search index, check it, let it serve and take it back."""

import json
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from mundap.commands.fields import with_fields
from mundap.commands.inputs import calibration, fusing, prepared_encoder, read_faq_option
from mundap.commands.options import (
    BundleDirectory,
    DevelopmentQueries,
    EncoderName,
    Faq,
    InScopeShare,
    OutOfScope,
    TargetAccuracy,
    Wait,
)
from mundap.commands.terminal import print_json
from mundap.index.faq.columns import FaqColumns
from mundap.index.progress import Result, progress, write_event

app = typer.Typer(help="Build, check, promote and roll back a search index.", no_args_is_help=True)


@app.command(
    "build", epilog="Example: `mundap index build --faq my_faq.csv --encoder E --output my_index`"
)
@with_fields
def index_build(
    output: Annotated[Path, typer.Option(help="Bundle directory; keeps older generations.")],
    faq: Faq = None,
    encoder: EncoderName = "default",
    kind: Annotated[
        Literal["auto", "flat", "fp16", "hnsw", "ivf"],
        typer.Option("--index", help="Kind of index."),
    ] = "auto",
    queries: DevelopmentQueries = None,
    out_of_scope: OutOfScope = None,
    target_accuracy: TargetAccuracy = 0.9,
    in_scope_share: InScopeShare = None,
    keep: Annotated[int, typer.Option(min=1, help="Newest generations to keep.")] = 3,
    promote: Annotated[
        bool, typer.Option(help="Let it serve; without, it waits for `mundap index promote`.")
    ] = True,
    wait: Wait = 0,
    *,
    columns: FaqColumns,
) -> None:
    """Write a new generation of an index and make it the serving one."""
    from mundap.index.bundle.writer import BundleWriter
    from mundap.index.encoders.registry import encoder_directory

    # Who waits for another rebuild reads the FAQ as it is once that has ended.
    with BundleWriter.locked(output, wait=wait) as writer:
        entries = read_faq_option(faq, columns)
        loaded = prepared_encoder(encoder)
        calibrate = calibration(queries, out_of_scope, target_accuracy, in_scope_share)
        with progress("Embedding questions") as advance:
            manifest = writer.seal(
                entries,
                loaded,
                encoder_directory=encoder_directory(encoder),
                kind=kind,
                fuse=fusing(queries),
                calibrate=calibrate,
                advance=advance,
            )
        if promote:
            writer.promote(manifest.generation, loaded)
        writer.prune(keep)
    write_event(Result({"generation": manifest.generation}))
    typer.echo(
        f"Generation {manifest.generation}: {manifest.entries} entries, {manifest.passages} "
        f"questions ({manifest.encoded} newly embedded), {manifest.index_kind} index in {output}",
        err=True,
    )


@app.command("verify", epilog="Example: `mundap index verify my_index`")
def index_verify(directory: BundleDirectory) -> None:
    """Compare every file and the encoder of the serving generation with their checksums."""
    from mundap.index.bundle.bundle import verify_generation
    from mundap.index.bundle.generations import Generations

    manifest = verify_generation(Generations(directory).current())
    typer.echo(
        f"Generation {manifest.generation}: {len(manifest.files)} files and its encoder verified"
    )


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


@app.command("rollback", epilog="Example: `mundap index rollback my_index`")
def index_rollback(directory: BundleDirectory, wait: Wait = 0) -> None:
    """Reject the serving generation; the last one that served before, and opens, serves again."""
    with _writer(directory, wait) as writer:
        path = writer.rollback()
    typer.echo(f"Generation {path.name} serves now")


@app.command("info", epilog="Example: `mundap index info my_index`")
def index_info(directory: BundleDirectory) -> None:
    """Print the manifest and the thresholds of the serving generation."""
    from dataclasses import asdict

    from mundap.index.bundle.bundle import verify_generation
    from mundap.index.bundle.contents import CONFIDENCE_FILE
    from mundap.index.bundle.generations import Generations

    path = Generations(directory).current()
    manifest = asdict(verify_generation(path))
    confidence = json.loads((path / CONFIDENCE_FILE).read_text(encoding="utf-8"))
    print_json({**manifest, "confidence": confidence})


def _writer(directory: Path, wait: float) -> Any:
    """Return the writer of an index that is there; the lock would make a directory of it."""
    from mundap.index.bundle.generations import Generations
    from mundap.index.bundle.writer import BundleWriter

    Generations(directory).require_any()
    return BundleWriter.locked(directory, wait=wait)
