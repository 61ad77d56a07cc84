"""`mundap prepare`: everything that serving a FAQ needs."""

import typer

from mundap.commands.fields import with_fields
from mundap.commands.inputs import said
from mundap.commands.options import Faq, HomeFolder, Speed
from mundap.index.faq.sheets.columns import FaqColumns

app = typer.Typer()


@app.command(epilog="Example: `mundap prepare --faq my_faq.csv`")
@with_fields
def prepare(
    faq: Faq = None,
    home: HomeFolder = None,
    speed: Speed = None,
    *,
    columns: FaqColumns,
) -> None:
    """Train and index a FAQ ahead of its first start, as `chat` and `serve` else do."""
    from mundap.chatbot.home.first_run import prepare as prepared
    from mundap.chatbot.settings import ChatSettings

    settings = ChatSettings.load(faq=faq, home=home, speed=speed)
    said(settings, columns)
    made = prepared(settings)
    typer.echo(f"Ready: {made.index}", err=True)
