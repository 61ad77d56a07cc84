"""`mundap prepare`: everything that serving a FAQ needs."""

from pathlib import Path
from typing import Annotated

import typer

from mundap.commands.options import Faq, Speed

app = typer.Typer()


@app.command(epilog="Example: `mundap prepare --faq my_faq.csv`")
def prepare(
    faq: Faq = None,
    home: Annotated[
        Path | None, typer.Option(help="Folder for what is made; else MUNDAP_HOME, or your own.")
    ] = None,
    speed: Speed = None,
) -> None:
    """Train and index a FAQ ahead of its first start, as `chat` and `serve` else do."""
    from mundap.chatbot.home.first_run import prepare as prepared
    from mundap.chatbot.settings import ChatSettings

    made = prepared(ChatSettings.load(faq=faq, home=home, speed=speed))
    typer.echo(f"Ready: {made.index}", err=True)
