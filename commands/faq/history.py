"""`mundap faq history`: who changed what, and when."""

from typing import Annotated

import typer

from mundap.commands.faq.opened import opened_draft
from mundap.commands.options import Faq, HomeFolder

app = typer.Typer()
# Changes of one deed that are told one by one.
_TOLD = 3


@app.command("history", epilog="Example: `mundap faq history --faq my_faq.csv --entry fee`")
def faq_history(
    faq: Faq = None,
    home: HomeFolder = None,
    entry: Annotated[str | None, typer.Option(help="Of this entry alone, by its id.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="Deeds at most.")] = 20,
) -> None:
    """List the last deeds, the newest first, and the generations that were published.

    The number in front is what `mundap faq undo` takes.
    """
    draft = opened_draft(faq, home)
    serving = draft.serving()
    served = {one.deed: one for one in reversed(draft.copy.publications())}
    for deed in draft.copy.deeds(limit, entry):
        counts = f"{deed.added:,} added, {deed.changed:,} changed, {deed.removed:,} removed"
        typer.echo(
            f"{deed.deed:>6}  {deed.time:%Y-%m-%d %H:%M}  {deed.owner}  {deed.action}: {counts}"
        )
        if deed.added + deed.changed + deed.removed <= _TOLD:
            for line in draft.copy.difference_of(deed.deed, entry).lines():
                typer.echo(f"        {line}")
        if (one := served.get(deed.deed)) is not None:
            now = ", which serves" if one.generation == serving else ""
            typer.echo(
                f"        = generation {one.generation}{now}, since {one.time:%Y-%m-%d %H:%M}"
            )
