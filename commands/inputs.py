"""What the options of a command name: a FAQ, an encoder."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import typer

from mundap.index.faq.sheets.columns import FaqColumns
from mundap.index.progress import progress


def read_faq_option(faq: Path | None, columns: FaqColumns) -> Any:
    """Read the FAQ that was named, or the bundled one, and say what of it was left out."""
    from mundap.chatbot.home.bundled import bundled_path
    from mundap.index.bundle.large import is_large
    from mundap.index.faq.entry import read_stored

    path = faq or bundled_path("faq")
    entries, reading = read_stored(path, said_columns(path, columns))
    for line in reading.notes():
        typer.echo(line, err=True)
    return entries if is_large(len(entries)) else list(entries)


def said_columns(faq: Path, columns: FaqColumns) -> FaqColumns:
    """Return how a FAQ is read: as the options say, which is remembered, or as was said before.

    What no longer fits the file is not remembered: raises TableError.
    """
    from mundap.chatbot.home.faq_settings import remembered_columns
    from mundap.chatbot.settings import ChatSettings

    home = ChatSettings.load().home
    if columns.given():
        _remember(home, faq, columns)
        return columns
    before = remembered_columns(home, faq)
    if before.given():
        typer.echo(f"{faq} is read as before: {' '.join(before.arguments())}", err=True)
    return before


def said(settings: Any, columns: FaqColumns) -> None:
    """Remember how the FAQ of the settings is read, where options say so; see `said_columns`."""
    if not columns.given():
        return
    if settings.faq is None:
        raise typer.BadParameter("The bundled FAQ is read as it is. Name a file with --faq.")
    _remember(settings.home, settings.faq, columns)


def _remember(home: Path, faq: Path, columns: FaqColumns) -> None:
    from mundap.chatbot.home.faq_settings import remember_columns
    from mundap.index.faq.sheets.reading import Reading

    Reading.of(faq, columns)
    remember_columns(home, faq, columns)


def remembered(paths: Iterable[Path]) -> dict[Path, FaqColumns]:
    """Return how files are read of which that was said before."""
    from mundap.chatbot.home.faq_settings import remembered_columns
    from mundap.chatbot.settings import ChatSettings

    home = ChatSettings.load().home
    return {path: remembered_columns(home, path) for path in paths}


def prepared_encoder(encoder: str) -> Any:
    """Load the encoder that was named; the embedded one is made first where it is not yet."""
    from mundap.index.encoders.registry import load_encoder

    with progress("Preparing the base encoder") as advance:
        prepare_encoder(encoder, advance)
    return load_encoder(encoder)


def prepare_encoder(encoder: str, advance: Any) -> None:
    """Make the embedded encoder where it is named and not yet made."""
    from mundap.index.encoders.default import default_encoder_path
    from mundap.index.encoders.encoder import DEFAULT_ENCODER

    if encoder == DEFAULT_ENCODER:
        default_encoder_path(advance)


def fusing(queries: Path | None, *, edited: bool = False) -> Any:
    """Return the function that fits the weights of a retriever's signals on given queries.

    Of a FAQ that was `edited` those queries count whose entries are still there.
    """
    from mundap.evaluation.fit.fusion import fit_fusion
    from mundap.evaluation.queries import read_queries

    asked = read_queries(queries) if queries is not None else []

    def fit(retriever: Any) -> Any:
        return fit_fusion(retriever, _asked_of(retriever, asked, edited=edited))

    return fit


def calibration(
    queries: Path | None,
    out_of_scope: Path | None,
    target_accuracy: float | None,
    in_scope_share: float | None,
    *,
    edited: bool = False,
) -> Any:
    """Return the function that fits a retriever's confidence on what the options name.

    `edited` is as in `fusing`.
    """
    from mundap.chatbot.home.bundled import bundled_far_queries
    from mundap.evaluation.fit.calibration import CalibrationConfig, fit_confidence
    from mundap.evaluation.queries import read_queries, read_texts

    config = CalibrationConfig(target_accuracy=target_accuracy, in_scope_share=in_scope_share)
    asked = read_queries(queries) if queries is not None else []
    strange = read_texts(out_of_scope) if out_of_scope is not None else []

    def fit(retriever: Any) -> Any:
        known = _asked_of(retriever, asked, edited=edited)
        far = bundled_far_queries()
        return fit_confidence(
            retriever, queries=known, out_of_scope=strange, far=far, config=config
        )

    return fit


def _asked_of(retriever: Any, asked: list[Any], *, edited: bool) -> list[Any]:
    """Return the queries of a FAQ; raises QueryError where they are of another one."""
    from mundap.evaluation.queries import check_against

    entries = retriever.passages.entries
    if edited:
        known = {entry.entry_id for entry in entries}
        return [query for query in asked if query.entry_id in known]
    check_against(asked, entries)
    return asked
