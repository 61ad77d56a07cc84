"""`mundap ask`: one query in the terminal."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from mundap.commands.fields import with_fields
from mundap.commands.inputs import said
from mundap.commands.options import AsJson, Faq
from mundap.commands.terminal import print_json
from mundap.index.faq.columns import FaqColumns

if TYPE_CHECKING:
    from mundap.index.search.reasons import Reasons

app = typer.Typer()


@app.command(epilog='Example: `mundap ask "환불은 며칠 걸려요?" -k 3`')
@with_fields
def ask(
    query: Annotated[str, typer.Argument(help="What a visitor would type.")],
    faq: Faq = None,
    index: Annotated[Path | None, typer.Option(help="Ask this index instead.")] = None,
    k: Annotated[int, typer.Option("-k", min=1, max=100, help="Entries to list.")] = 5,
    mode: Annotated[
        Literal["hybrid", "dense", "bm25"],
        typer.Option(help="Ranking to list; what is replied is hybrid's."),
    ] = "hybrid",
    explain: Annotated[bool, typer.Option(help="Say why the first entry came first.")] = False,
    as_json: AsJson = False,
    *,
    columns: FaqColumns,
) -> None:
    """Answer one query in the terminal."""
    from dataclasses import asdict

    from mundap.chatbot.bot import Bot
    from mundap.chatbot.home.first_run import open_live
    from mundap.chatbot.settings import ChatSettings

    settings = ChatSettings.load(faq=faq)
    said(settings, columns)
    live = open_live(settings, index)
    explained = Bot.of(live, settings).explain(query, suggestions=k - 1)
    reply = explained.reply
    reasons = explained.reasons() if explain else None
    retriever = live.get().retriever
    parts: dict[str, Any] = {"dense": retriever.dense, "bm25": retriever.lexical_index}
    hits = explained.hits
    if mode != "hybrid" and explained.ranking is not None:
        hits = parts[mode].search([explained.ranking.reading.text], k)[0]
    listed = [
        {
            "rank": rank,
            "entry_id": hit.entry_id,
            "score": round(hit.score, 4),
            "question": hit.question,
        }
        for rank, hit in enumerate(hits, start=1)
    ]
    if as_json:
        shown = {
            "query": query,
            "kind": reply.kind,
            "text": reply.text,
            "entry_id": reply.entry_id,
            "confidence": reply.confidence,
            "generation": reply.generation,
            "hits": listed,
        }
        print_json(shown | ({"reasons": reasons and asdict(reasons)} if explain else {}))
        return
    typer.echo(reply.text)
    for hit in listed:
        typer.echo(f"  {hit['rank']}. {hit['score']:.3f}  {hit['entry_id']}  {hit['question']}")
    if reasons is not None:
        _show(reasons, reply.confidence)


def _show(reasons: "Reasons", confidence: float | None) -> None:
    for step in reasons.steps:
        typer.echo(f"  read as   {step.after}  ({step.name}; typed: {step.before})")
    typer.echo(f"  nearest   {reasons.question}")
    if reasons.dense_rank:
        typer.echo(f"  shared    {', '.join(reasons.shared) or 'no content word'}")
        words = f"{reasons.bm25_rank} by words" if reasons.bm25_rank else "no word in common"
        typer.echo(f"  rank      {reasons.dense_rank} by meaning, {words}")
    else:
        typer.echo("  rank      first at the reranker's second look")
    typer.echo(f"  right     with probability {confidence or 0.0:.2f}")
