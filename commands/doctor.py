"""`mundap doctor`: versions, fingerprints and problems of the data."""

import typer

from commands.options import Faq

app = typer.Typer()


@app.command(epilog="Example: `mundap doctor --faq my_faq.csv`")
def doctor(faq: Faq = None) -> None:
    """Show versions, fingerprints and problems of the data."""
    import platform
    from importlib.metadata import version

    from chatbot.first_run import Home
    from chatbot.settings import ChatSettings
    from index.bundle import VECTORS_FILE, Bundle
    from index.faq import read_faq
    from index.faq_problems import find_problems
    from index.manifest import BundleError

    home = Home.of(ChatSettings.load(faq=faq))
    typer.echo(f"python {platform.python_version()} on {platform.platform()}")
    for name in ("torch", "sentence-transformers", "faiss-cpu", "kiwipiepy", "gradio", "numpy"):
        typer.echo(f"{name} {version(name)}")
    try:
        manifest = Bundle.open(home.index).manifest
        typer.echo(f"encoder {manifest.encoder}  {manifest.encoder_source}")
        typer.echo(f"index   {manifest.files[VECTORS_FILE].sha256}  {home.index}")
        typer.echo(f"generation {manifest.generation}, {manifest.entries} entries: verified")
    except BundleError as error:
        typer.echo(f"index: {error}")
    entries = read_faq(home.faq)
    problems = find_problems(entries)
    typer.echo(f"FAQ {home.faq}: {len(entries)} entries, {len(problems)} problems")
    for problem in problems:
        shown = ", ".join(problem.entry_ids[:5]) + (", ..." if len(problem.entry_ids) > 5 else "")
        typer.echo(f"- {problem.met} ({shown}). {problem.mend}")
