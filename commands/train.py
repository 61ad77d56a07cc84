"""`mundap train`: fine-tune an encoder."""

import os
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from mundap.commands.fields import with_fields
from mundap.commands.inputs import prepare_encoder, remembered
from mundap.commands.terminal import say_done
from mundap.index.faq.sheets.columns import FaqColumns
from mundap.index.progress import progress
from mundap.training.config import TrainingConfig
from mundap.training.fit.bookkeeping import Bookkeeping

app = typer.Typer()


@app.command(epilog="Example: `mundap train --data my_faq.csv --output my_encoder`")
@with_fields
def train(
    data: Annotated[
        list[str],
        typer.Option(help="A FAQ, pairs, STS, NLI or text file, or NAME=FILE; repeatable."),
    ],
    output: Annotated[Path, typer.Option(help="Directory for the encoder.")],
    objective: Annotated[
        Literal["mnrl", "contrastive-random", "sts", "nli", "masked-words", "cross-encoder"] | None,
        typer.Option(help="What to learn; else mnrl."),
    ] = None,
    recipe: Annotated[
        str | None, typer.Option(help="Instead of an objective: a recipe's name or TOML file.")
    ] = None,
    scale: Annotated[float | None, typer.Option(help="Inverse temperature of the loss.")] = None,
    *,
    values: Annotated[dict[str, Any], TrainingConfig],
    keep: Bookkeeping,
    columns: FaqColumns,
) -> None:
    """Fine-tune an encoder on a FAQ, on pairs, or on judged sentences; see docs/training.md."""
    # Read when the library is imported; its remarks on file systems help nobody here.
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    from mundap.training.data.sources import Sources, named_paths
    from mundap.training.fit.recipe import Recipe
    from mundap.training.fit.stages import train_recipe
    from mundap.training.launch.launch import require_one_process

    if recipe is not None and objective is not None:
        raise typer.BadParameter("--recipe names its own objectives. Leave --objective out.")
    if objective == "cross-encoder":
        require_one_process("The cross-encoder's training")
        given = values | {"scale": scale} if scale is not None else values
        given |= {name: value for name, value in asdict(keep).items() if value}
        paths = tuple(map(Path, data))
        path = _cross_encoder(given, Sources(paths, columns, remembered(paths)), output)
        typer.echo(f"Cross-encoder written to {path}", err=True)
        return
    chosen = Recipe.read(recipe) if recipe is not None else Recipe.of(objective or "mnrl")
    chosen = chosen.changed(**values)
    if scale is not None:
        chosen = chosen.scaled(scale)
    named = named_paths(data, chosen.data_names)
    sources = {name: Sources(paths, columns, remembered(paths)) for name, paths in named.items()}
    _prepare(chosen.stages[0].config.base)
    path = train_recipe(chosen, sources, output, keep)
    say_done({"encoder": str(path)}, f"Encoder written to {path}")


def _prepare(base: str) -> None:
    with progress("Preparing the base encoder") as advance:
        prepare_encoder(base, advance)


# A cross-encoder has no vectors to pool or to scale, and its epoch is the one that was measured.
_NOT_CROSS = (
    *("scale", "refit", "soup", "pooling", "clean_up", "l2_start", "interpolate"),
    *("train_top", "precision", "accumulate", "compile", "resume", "log_dir", "data_licence"),
)


def _cross_encoder(given: dict[str, Any], sources: Any, output: Path) -> Path:
    from mundap.training.cross_encoder.split import CrossSplit
    from mundap.training.cross_encoder.trainer import train_cross_encoder

    for name in _NOT_CROSS:
        if name in given:
            raise ValueError(f"--{name.replace('_', '-')} is not for cross-encoders. Leave it out.")
    config = TrainingConfig(**given)
    return train_cross_encoder(CrossSplit.read(sources, config), config, output)
