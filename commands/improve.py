"""`mundap improve`: learn what owners accepted, prove it, let it serve."""

from typing import Any

import typer

from mundap.commands.fields import with_fields
from mundap.commands.options import NOBODY, AsJson, Faq, HomeFolder, Owner, ReportLanguage, Speed
from mundap.commands.terminal import print_json
from mundap.improve.bounds import Bounds
from mundap.index.progress import Result, write_event

app = typer.Typer()


@app.command(epilog="Example: `mundap improve --faq my_faq.csv --margin 0.02`")
@with_fields
def improve(
    faq: Faq = None,
    home: HomeFolder = None,
    speed: Speed = None,
    owner: Owner = NOBODY,
    language: ReportLanguage = "en",
    as_json: AsJson = False,
    *,
    bounds: Bounds,
) -> None:
    """Learn what owners accepted; let it serve unless held-back questions show it is worse.

    Run it whenever you like, by cron say: where nothing new was accepted it ends at once, and one
    that was killed goes on where it was.
    """
    import os

    # Read when the library is imported; its remarks on file systems help nobody here.
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    from rich.console import Console

    from mundap.chatbot.home.draft import Draft
    from mundap.chatbot.home.first_run import prepare
    from mundap.chatbot.settings import ChatSettings
    from mundap.feedback.editing.working_copy import WorkingCopy
    from mundap.feedback.store.database import Database
    from mundap.improve.report_table import report_table
    from mundap.improve.run import improve as improved

    settings = ChatSettings.load(faq=faq, home=home, speed=speed)
    place = prepare(settings)
    database = Database.of(settings.database_url, place.directory)
    draft = Draft(place, WorkingCopy(database))
    try:
        ended = improved(_workshop(place), database, bounds, owner)
        if ended.state == "promoted" and not draft.copy.is_empty():
            draft.record_published()  # a file that is edited later is not to take its place
    finally:
        database.close()
    write_event(Result({"state": ended.state, "words": ended.report["words"]}))
    if as_json:
        print_json({"state": ended.state, **ended.report})
    else:
        Console(stderr=True).print(report_table(ended.report, language))


def _workshop(place: Any) -> Any:
    """Return what `mundap index build` would build the FAQ of a home with."""
    from mundap.chatbot.home.bundled import bundled_far_queries
    from mundap.chatbot.home.first_run import build_options
    from mundap.evaluation.queries import read_queries, read_texts
    from mundap.improve.candidate import Given, Workshop

    options = build_options(place.faq, place.encoder, place.index, reads=True)
    return Workshop(
        place.index,
        place.encoder,
        place.directory / "improve",
        Given(
            read_queries(options.queries) if options.queries else (),
            read_texts(options.out_of_scope) if options.out_of_scope else (),
            bundled_far_queries(),
        ),
    )
