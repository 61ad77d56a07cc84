"""`mundap mine`: hard negatives for pairs."""

import os
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from mundap.commands.inputs import prepare_encoder, prepared_encoder
from mundap.commands.options import AnswerColumn, EncoderName, MergeAnswers, QuestionColumn
from mundap.index.progress import progress

app = typer.Typer()

# Column of the questions, of the answers, whether rows with one answer are one entry.
_Columns = tuple[str | None, str | None, bool]


@app.command(epilog="Example: `mundap mine --data my_faq.csv --source bm25 --output pairs.parquet`")
def mine(
    data: Annotated[Path, typer.Option(help="A FAQ, or pairs: anchor, positive[, group].")],
    output: Annotated[Path, typer.Option(help="Pairs to write, for `mundap train --data`.")],
    source: Annotated[
        Literal["bm25", "model", "perturb"],
        typer.Option(help="Shared words, what an encoder confuses, or edits of the positive."),
    ] = "bm25",
    encoder: EncoderName = "default",
    count: Annotated[int, typer.Option(help="Negatives of each pair.")] = 4,
    first: Annotated[int, typer.Option(help="Draw from this rank on, known answers aside.")] = 1,
    last: Annotated[int, typer.Option(help="Draw down to this rank.")] = 50,
    absolute_margin: Annotated[
        float | None, typer.Option(help="Stay this much below the positive's score.")
    ] = None,
    relative_margin: Annotated[
        float | None, typer.Option(help="Stay this share below the positive's score.")
    ] = None,
    fill: Annotated[bool, typer.Option(help="Draw at random what mining does not find.")] = True,
    rounds: Annotated[
        int | None, typer.Option(help="With model: train, mine, train, ... so many trainings.")
    ] = None,
    trained: Annotated[
        Path | None, typer.Option(help="With --rounds: directory for the last encoder.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Same seed and data, same negatives.")] = 0,
    question_column: QuestionColumn = None,
    answer_column: AnswerColumn = None,
    merge_answers: MergeAnswers = False,
) -> None:
    """Mine hard negatives: texts close to an anchor that belong to another answer."""
    from rich.console import Console

    from mundap.training.mining.config import MiningConfig

    config = MiningConfig(count, first, last, absolute_margin, relative_margin, fill, seed)
    _check(output, source, rounds, trained)
    columns = question_column, answer_column, merge_answers
    if rounds is not None and trained is not None:
        mined = _in_rounds(data, columns, encoder, config, rounds, trained)
    else:
        mined = _mined(_pairs(data, columns, seed), source, encoder, config)
    mined.write(output)
    Console(stderr=True).print(mined.table())
    typer.echo(mined.summary(), err=True)
    typer.echo(f"Pairs written to {output}", err=True)


def _check(output: Path, source: str, rounds: int | None, trained: Path | None) -> None:
    from mundap.index.faq.table import SUFFIXES

    if output.suffix.lower() not in SUFFIXES:
        raise ValueError(f"{output}: unknown table type; use {', '.join(SUFFIXES)}.")
    if rounds is not None and source != "model":
        raise ValueError(
            f"--rounds is for --source model, met {source}: only an encoder gets better."
        )
    if (rounds is None) != (trained is None):
        raise ValueError("--rounds and --trained go together: how often, and where to.")


def _pairs(data: Path, columns: _Columns, seed: int) -> Any:
    from mundap.index.faq.entry import faq_of
    from mundap.index.faq.table import joined, read_tables
    from mundap.training.data.pairs import pairs_from_faq, pairs_of

    tables = read_tables(data)
    table = joined(tables)
    if {"anchor", "positive"} <= set(table.columns):
        return pairs_of(table, data)
    question, answer, merge = columns
    entries = faq_of(
        tables, data, question_column=question, answer_column=answer, merge_answers=merge
    )
    return pairs_from_faq(entries, seed=seed)


def _mined(pairs: Any, source: str, encoder: str, config: Any) -> Any:
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
    data: Path, columns: _Columns, encoder: str, config: Any, rounds: int, trained: Path
) -> Any:
    # Read when the library is imported; its remarks on file systems help nobody here.
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    from mundap.training.config import TrainingConfig
    from mundap.training.data.sources import Sources
    from mundap.training.fit.rounds import train_in_rounds

    training = TrainingConfig(base=encoder, seed=config.seed)
    split = Sources((data,), *columns).questions(training, "both")
    with progress("Preparing the base encoder") as advance:
        prepare_encoder(encoder, advance)
    mined = train_in_rounds(split, training, config, rounds, trained)
    typer.echo(f"Encoder written to {trained}", err=True)
    return mined
