"""`mundap doctor`: versions, fingerprints and problems of the data."""

import os
from pathlib import Path
from typing import Any

import typer

from mundap.commands.fields import with_fields
from mundap.commands.inputs import said
from mundap.commands.options import Faq
from mundap.index.faq.sheets.columns import FaqColumns

app = typer.Typer()

_PACKAGES = (
    "torch",
    "sentence-transformers",
    "faiss-cpu",
    "kiwipiepy",
    "onnxruntime",
    "tokenizers",
    "gradio",
    "numpy",
)


@app.command(epilog="Example: `mundap doctor --faq my_faq.csv`")
@with_fields
def doctor(faq: Faq = None, *, columns: FaqColumns) -> None:
    """Show versions, fingerprints and problems of the data."""
    import platform

    from mundap.chatbot.home.home import Home
    from mundap.chatbot.settings import ChatSettings
    from mundap.index.bundle.advice import advice
    from mundap.index.bundle.bundle import Bundle
    from mundap.index.bundle.large import is_large
    from mundap.index.bundle.manifest import BundleError
    from mundap.index.faq.entry import read_stored
    from mundap.index.faq.problems import find_problems

    settings = ChatSettings.load(faq=faq)
    said(settings, columns)
    home = Home.of(settings)
    typer.echo(f"python {platform.python_version()} on {platform.platform()}")
    for name in _PACKAGES:
        typer.echo(f"{name} {_version(name)}")
    _show_shipped()
    if (lacking := _not_written(home.directory)) is not None:
        typer.echo(f"{lacking}: cannot be written, so nothing is indexed or kept there")
    try:
        bundle = Bundle.open(home.index)
        manifest = bundle.manifest
        typer.echo(f"encoder {manifest.encoder}  {bundle.encoder_directory}")
        typer.echo(f"index   {_vectors_of(manifest)}  {home.index}")
        typer.echo(f"generation {manifest.generation}, {manifest.entries} entries: verified")
    except BundleError as error:
        typer.echo(f"index: {error}")
    else:
        _show_reader(bundle)
        for one in advice(bundle.path, bundle.entries, bundle.confidence):
            typer.echo(f"* {one.text}")
    _show_similarity(settings)
    _show_store(settings)
    entries, reading = read_stored(home.faq, home.columns)
    if is_large(len(entries)):
        typer.echo(f"FAQ {home.faq}: {len(entries)} entries, too many to look through here")
        for line in reading.notes():
            typer.echo(line)
        return
    problems = find_problems(entries)
    typer.echo(f"FAQ {home.faq}: {len(entries)} entries, {len(problems)} problems")
    for line in reading.notes():
        typer.echo(line)
    labels = {entry.entry_id: entry.label for entry in entries}
    for problem in problems:
        typer.echo(f"- {problem.met} ({problem.named(labels)}). {problem.mend}")


def _vectors_of(manifest: Any) -> str:
    """Return what tells the vectors of a generation from others, or where they are kept."""
    from mundap.index.engines.faiss_engine import VECTORS_FILE
    from mundap.index.engines.stored_engine import ROWS_FILE

    if manifest.milvus is not None:
        return f"Milvus at {manifest.milvus.uri}, {manifest.milvus.name}"
    return str(manifest.files[ROWS_FILE if manifest.large else VECTORS_FILE].sha256)


def _version(name: str) -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(name)
    except PackageNotFoundError:
        return "is not installed"


def _show_shipped() -> None:
    """Say whether the encoder that comes with the project is whole."""
    from mundap.index.encoders.encoder import EncoderError
    from mundap.index.encoders.pretrained_config import PretrainedConfig
    from mundap.index.encoders.shipped import SHIPPED, SHIPPED_DIRECTORY

    try:
        PretrainedConfig.read(SHIPPED_DIRECTORY).verify(SHIPPED_DIRECTORY)
        typer.echo(f"{SHIPPED} {SHIPPED_DIRECTORY}: verified")
    except EncoderError as error:
        typer.echo(f"{SHIPPED}: {error}")


def _not_written(directory: Path) -> Path | None:
    """Return the folder that would have to be written and cannot; None where it can."""
    there = next(path for path in (directory, *directory.parents) if path.exists())
    return None if os.access(there, os.W_OK) else there


def _show_reader(bundle: Any) -> None:
    """Say which pretrained encoder the index is searched with, or why without."""
    from mundap.index.bundle.manifest import READING, BundleError

    if (record := bundle.manifest.encoders.get(READING)) is None:
        why = "built with `--speed fast` or `--pretrained none`"
        if bundle.manifest.large:
            why = "so many entries are served from files"
        typer.echo(f"no pretrained encoder: {why}")
        return
    try:
        bundle.require_reader()
        typer.echo(f"pretrained encoder {record.fingerprint}")
    except BundleError as error:
        typer.echo(f"searched without its pretrained encoder, which answers less: {error}")


def _show_similarity(settings: Any) -> None:
    """Say which encoder judges sentence similarity, and whether its scores were fitted."""
    from mundap.chatbot.api.settings import ApiSettings
    from mundap.chatbot.similarity.similarity import STS_FOLDER, similarity_source
    from mundap.index.encoders.encoder import directory_fingerprint
    from mundap.index.similarity.scale import scale_path

    chosen = similarity_source(ApiSettings.load().sts_encoder, settings.home)
    typer.echo(f"similarity {chosen}")
    trained, source = settings.home / STS_FOLDER, Path(chosen)
    if source != trained:
        typer.echo(f"similarity would be judged by an encoder in {trained}: there is none")
    if source.is_dir() and not scale_path(settings.home, directory_fingerprint(source)).exists():
        typer.echo("similarity has scores of the usual kind; `mundap sts-calibrate` fits them")


def _show_store(settings: Any) -> None:
    """Say how many exchanges are in the store, or why it cannot be used."""
    from mundap.chatbot.home.store import is_made, store_of
    from mundap.feedback.exchanges.exchange_log import Wanted
    from mundap.feedback.exchanges.forgetting import count
    from mundap.feedback.store.database import StoreError

    if not is_made(settings):
        typer.echo("store: none yet; the first start makes it")
        return
    try:
        database = store_of(settings)
        typer.echo(f"store {database.name}: {count(database, Wanted()):,} exchanges")
        database.close()
    except StoreError as error:
        typer.echo(f"store: {error} Visitors are answered; nothing is recorded.")
