"""`mundap mine`: hard negatives for pairs."""

import os
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from mundap.commands.fields import with_fields
from mundap.commands.inputs import prepare_encoder, prepared_encoder, read_faq_option, remembered
from mundap.commands.options import EncoderName
from mundap.index.faq.sheets.columns import FaqColumns
from mundap.index.progress import progress
from mundap.training.mining.config import MiningConfig

app = typer.Typer()


@app.command(epilog="Example: `mundap mine --data my_faq.csv --source bm25 --output pairs.parquet`")
@with_fields
def mine(
    data: Annotated[Path, typer.Option(help="A FAQ, or pairs: anchor, positive[, group].")],
    output: Annotated[Path, typer.Option(help="Pairs to write, for `mundap train --data`.")],
    source: Annotated[
        Literal["bm25", "model", "perturb"],
        typer.Option(help="Shared words, what an encoder confuses, or edits of the positive."),
    ] = "bm25",
    encoder: EncoderName = "default",
    rounds: Annotated[
        int | None, typer.Option(help="With model: train, mine, train, ... so many trainings.")
    ] = None,
    trained: Annotated[
        Path | None, typer.Option(help="With --rounds: directory for the last encoder.")
    ] = None,
    *,
    config: MiningConfig,
    columns: FaqColumns,
) -> None:
    """Mine hard negatives: texts close to an anchor that belong to another answer."""
    from rich.console import Console

    _check(output, source, rounds, trained)
    if rounds is not None and trained is not None:
        mined = _in_rounds(data, columns, encoder, config, rounds, trained)
    else:
        mined = _mined(_pairs(data, columns, config.seed), source, encoder, config)
    mined.write(output)
    Console(stderr=True).print(mined.table())
    typer.echo(mined.summary(), err=True)
    typer.echo(f"Pairs written to {output}", err=True)


def _check(output: Path, source: str, rounds: int | None, trained: Path | None) -> None:
    from mundap.index.tables.table import SUFFIXES

    if output.suffix.lower() not in SUFFIXES:
        raise ValueError(f"{output}: unknown table type; use {', '.join(SUFFIXES)}.")
    if rounds is not None and source != "model":
        raise ValueError(
            f"--rounds is for --source model, met {source}: only an encoder gets better."
        )
    if (rounds is None) != (trained is None):
        raise ValueError("--rounds and --trained go together: how often, and where to.")


def _pairs(data: Path, columns: FaqColumns, seed: int) -> Any:
    from mundap.index.tables.table import read_table, table_columns
    from mundap.training.data.pairs import pairs_from_faq, pairs_of

    if {"anchor", "positive"} <= set(table_columns(data)):
        return pairs_of(read_table(data), data)
    return pairs_from_faq(read_faq_option(data, columns), seed=seed)


def _mined(pairs: Any, source: str, encoder: str, config: MiningConfig) -> Any:
    from mundap.training.mining.bm25_negatives import Bm25Scorer
    from mundap.training.mining.encoder_negatives import EncoderScorer
    from mundap.training.mining.mining import mine as mine_texts
    from mundap.training.mining.perturbed_negatives import perturb

    if source == "bm25":
        with progress("Mining") as advance:
            return mine_texts(pairs, Bm25Scorer.build, config, advance)
    loaded = prepared_encoder(encoder)
    with progress("Mining") as advance:
        if source == "perturb":
            return perturb(pairs, loaded, config, advance)
        return mine_texts(pairs, lambda t: EncoderScorer.build(t, loaded), config, advance)


def _in_rounds(
    data: Path, columns: FaqColumns, encoder: str, config: MiningConfig, rounds: int, trained: Path
) -> Any:
    # Read when the library is imported; its remarks on file systems help nobody here.
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    from mundap.training.config import TrainingConfig
    from mundap.training.data.sources import Sources
    from mundap.training.fit.rounds import train_in_rounds

    training = TrainingConfig(base=encoder, seed=config.seed)
    split = Sources((data,), columns, remembered([data])).questions(training, "both")
    with progress("Preparing the base encoder") as advance:
        prepare_encoder(encoder, advance)
    mined = train_in_rounds(split, training, config, rounds, trained)
    typer.echo(f"Encoder written to {trained}", err=True)
    return mined
