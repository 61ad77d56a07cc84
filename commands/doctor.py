"""`mundap doctor`: versions, fingerprints and problems of the data."""

from pathlib import Path
from typing import Any

import typer

from mundap.commands.fields import with_fields
from mundap.commands.inputs import said
from mundap.commands.options import Faq
from mundap.index.faq.columns import FaqColumns

app = typer.Typer()


@app.command(epilog="Example: `mundap doctor --faq my_faq.csv`")
@with_fields
def doctor(faq: Faq = None, *, columns: FaqColumns) -> None:
    """Show versions, fingerprints and problems of the data."""
    import platform
    from importlib.metadata import version

    from mundap.chatbot.home.first_run import Home
    from mundap.chatbot.settings import ChatSettings
    from mundap.index.bundle.bundle import Bundle
    from mundap.index.bundle.manifest import BundleError
    from mundap.index.engines.faiss_engine import VECTORS_FILE
    from mundap.index.faq.entry import read_with_report
    from mundap.index.faq.problems import find_problems

    settings = ChatSettings.load(faq=faq)
    said(settings, columns)
    home = Home.of(settings)
    typer.echo(f"python {platform.python_version()} on {platform.platform()}")
    for name in ("torch", "sentence-transformers", "faiss-cpu", "kiwipiepy", "gradio", "numpy"):
        typer.echo(f"{name} {version(name)}")
    try:
        bundle = Bundle.open(home.index)
        manifest = bundle.manifest
        typer.echo(f"encoder {manifest.encoder}  {bundle.encoder_directory}")
        typer.echo(f"index   {manifest.files[VECTORS_FILE].sha256}  {home.index}")
        typer.echo(f"generation {manifest.generation}, {manifest.entries} entries: verified")
    except BundleError as error:
        typer.echo(f"index: {error}")
    _show_similarity(settings, home)
    entries, reading = read_with_report(home.faq, home.columns)
    problems = find_problems(entries)
    typer.echo(f"FAQ {home.faq}: {len(entries)} entries, {len(problems)} problems")
    for line in reading.notes():
        typer.echo(line)
    labels = {entry.entry_id: entry.label for entry in entries}
    for problem in problems:
        typer.echo(f"- {problem.met} ({problem.named(labels)}). {problem.mend}")


def _show_similarity(settings: Any, home: Any) -> None:
    """Say which encoder judges sentence similarity, and whether its scores were fitted."""
    from mundap.chatbot.api.settings import ApiSettings
    from mundap.chatbot.similarity.similarity import STS_FOLDER, similarity_source
    from mundap.index.encoders.encoder import directory_fingerprint
    from mundap.index.similarity.scale import scale_path

    chosen = similarity_source(ApiSettings.load().sts_encoder, settings.home)
    source = Path(chosen or home.retrieval_encoder())
    typer.echo(f"similarity {source}{'' if chosen else '  as retrieval'}")
    trained = settings.home / STS_FOLDER
    if source != trained:
        typer.echo(f"similarity would be judged by an encoder in {trained}: there is none")
    if source.is_dir() and not scale_path(settings.home, directory_fingerprint(source)).exists():
        typer.echo("similarity has scores of the usual kind; `mundap sts-calibrate` fits them")
