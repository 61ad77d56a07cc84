"""`mundap unanswered`: what visitors asked in vain."""

from pathlib import Path
from typing import Annotated

import typer

from mundap.commands.options import Faq, HomeFolder, Speed
from mundap.commands.terminal import say_done
from mundap.index.progress import progress

app = typer.Typer()


@app.command(epilog="Example: `mundap unanswered --faq my_faq.csv --top 20`")
def unanswered(
    faq: Faq = None,
    index: Annotated[Path | None, typer.Option(help="The index that serves instead.")] = None,
    top: Annotated[int, typer.Option(min=0, help="Groups printed, those asked most first.")] = 20,
    home: HomeFolder = None,
    speed: Speed = None,
) -> None:
    """Group the questions that got no good answer by meaning, for the owner's page too."""
    from filelock import FileLock, Timeout

    from mundap.chatbot.home.home import Home
    from mundap.chatbot.settings import ChatSettings
    from mundap.feedback.store.database import Database
    from mundap.feedback.unanswered.grouping import regroup
    from mundap.feedback.unanswered.groups import groups
    from mundap.index.bundle.bundle import Bundle

    settings = ChatSettings.load(faq=faq, home=home, speed=speed)
    own = Home.of(settings)
    database = Database.of(settings.database_url, own.directory)
    try:
        with FileLock(own.query_vectors.with_suffix(".lock"), timeout=0):
            bundle = Bundle.open(index or own.index)
            with progress("Reading questions") as advance:
                number = regroup(database, bundle, own.query_vectors, advance)
        with database.reading() as connection:
            found, _ = groups(connection, 0, top)
    except Timeout:
        raise typer.BadParameter("Another process groups these questions just now.") from None
    finally:
        database.close()
    say_done({"groups": number}, f"{number:,} groups of questions without a good answer.")
    for group in found:
        typer.echo(f"{group.count:6,}  {group.last:%Y-%m-%d}  {group.name}")
