"""`mundap index`: build, check and roll back a search index."""

import json
from pathlib import Path
from typing import Annotated, Literal

import typer

from mundap.commands.inputs import (
    calibration,
    encoder_source,
    fusing,
    prepared_encoder,
    read_faq_option,
)
from mundap.commands.options import (
    AnswerColumn,
    BundleDirectory,
    DevelopmentQueries,
    EncoderName,
    Faq,
    InScopeShare,
    MergeAnswers,
    OutOfScope,
    QuestionColumn,
    TargetAccuracy,
)
from mundap.commands.terminal import print_json
from mundap.index.progress import Result, progress, write_event

app = typer.Typer(help="Build, check and roll back a search index.", no_args_is_help=True)


@app.command(
    "build", epilog="Example: `mundap index build --faq my_faq.csv --encoder E --output my_index`"
)
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
    keep: Annotated[int, typer.Option(min=1, help="Generations to keep.")] = 3,
    wait: Annotated[float, typer.Option(min=0, help="Seconds to wait for another rebuild.")] = 0,
    question_column: QuestionColumn = None,
    answer_column: AnswerColumn = None,
    merge_answers: MergeAnswers = False,
) -> None:
    """Write a new generation of an index and make it the serving one."""
    from mundap.index.bundle.bundle import Bundle

    entries = read_faq_option(faq, question_column, answer_column, merge_answers)
    loaded = prepared_encoder(encoder)
    calibrate = calibration(queries, out_of_scope, target_accuracy, in_scope_share)
    with progress("Embedding questions") as advance:
        manifest = Bundle.build(
            output,
            entries,
            loaded,
            encoder_source=encoder_source(encoder),
            kind=kind,
            fuse=fusing(queries),
            calibrate=calibrate,
            keep=keep,
            wait=wait,
            advance=advance,
        )
    write_event(Result({"generation": manifest.generation}))
    typer.echo(
        f"Generation {manifest.generation}: {manifest.entries} entries, {manifest.passages} "
        f"questions ({manifest.encoded} newly embedded), {manifest.index_kind} index in {output}",
        err=True,
    )


@app.command("verify", epilog="Example: `mundap index verify my_index`")
def index_verify(directory: BundleDirectory) -> None:
    """Compare every file of the serving generation with its checksum."""
    from mundap.index.bundle.bundle import verify_generation
    from mundap.index.bundle.generations import Generations

    manifest = verify_generation(Generations(directory).current())
    typer.echo(f"Generation {manifest.generation}: {len(manifest.files)} files verified")


@app.command("list", epilog="Example: `mundap index list my_index`")
def index_list(directory: BundleDirectory) -> None:
    """List the generations, oldest first; `*` marks the serving one."""
    from mundap.index.bundle.bundle import is_good
    from mundap.index.bundle.generations import Generations
    from mundap.index.bundle.manifest import Manifest

    generations = Generations(directory)
    current = generations.current().name
    for path in generations.paths():
        mark = "*" if path.name == current else " "
        if not is_good(path):
            typer.echo(f"{mark} {path.name}  damaged")
            continue
        found = Manifest.read(path)
        typer.echo(f"{mark} {path.name}  {found.created}  {found.entries} entries")


@app.command("rollback", epilog="Example: `mundap index rollback my_index`")
def index_rollback(directory: BundleDirectory) -> None:
    """Make the newest older generation that verifies the serving one."""
    from mundap.index.bundle.bundle import is_good
    from mundap.index.bundle.generations import Generations
    from mundap.index.bundle.manifest import BundleError

    generations = Generations(directory)
    if not generations.paths():  # the lock of a writer would make a directory of it
        raise BundleError(f"{directory}: no index here. Build one with `mundap index build`.")
    with generations.writing():
        path = generations.rollback(is_good)
    typer.echo(f"Generation {path.name} serves now")


@app.command("info", epilog="Example: `mundap index info my_index`")
def index_info(directory: BundleDirectory) -> None:
    """Print the manifest and the thresholds of the serving generation."""
    from dataclasses import asdict

    from mundap.index.bundle.bundle import CONFIDENCE_FILE, verify_generation
    from mundap.index.bundle.generations import Generations

    path = Generations(directory).current()
    manifest = asdict(verify_generation(path))
    confidence = json.loads((path / CONFIDENCE_FILE).read_text(encoding="utf-8"))
    print_json({**manifest, "confidence": confidence})
