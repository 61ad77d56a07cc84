"""`mundap ask`: one query in the terminal."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from mundap.commands.fields import with_fields
from mundap.commands.inputs import said
from mundap.commands.options import AsJson, Faq
from mundap.commands.terminal import print_json
from mundap.index.faq.sheets.columns import FaqColumns
from mundap.index.languages import Language

if TYPE_CHECKING:
    from mundap.chatbot.reply import Reply
    from mundap.index.search.reasons import Reasons

app = typer.Typer()
# Entries that `--json` lists without `-k`.
_LISTED = 5


@app.command(epilog="Example: `mundap ask 환불은 며칠 걸려요 -k 3`")
@with_fields
def ask(
    words: Annotated[
        list[str],
        typer.Argument(metavar="QUERY", help="What a visitor would type, quoted or not."),
    ],
    faq: Faq = None,
    index: Annotated[Path | None, typer.Option(help="Ask this index instead.")] = None,
    k: Annotated[
        int | None, typer.Option("-k", min=1, max=100, help="List as many entries too.")
    ] = None,
    language: Annotated[
        Language | None,
        typer.Option(help="Reply in it where the FAQ can; else as `language` of mundap.toml says."),
    ] = None,
    mode: Annotated[
        Literal["hybrid", "dense", "bm25"],
        typer.Option(help="Ranking to list; what is replied is hybrid's."),
    ] = "hybrid",
    explain: Annotated[
        bool, typer.Option("--explain", help="Say why the first entry came first.")
    ] = False,
    as_json: AsJson = False,
    *,
    columns: FaqColumns,
) -> None:
    """Answer one query as the page would: an answer, questions to choose from, or a don't-know."""
    from dataclasses import asdict

    from mundap.chatbot.bot import Bot
    from mundap.chatbot.home.first_run import open_live
    from mundap.chatbot.settings import ChatSettings

    query = " ".join(words)
    if not query.strip():
        # Before a first run takes its minutes.
        raise ValueError("Ask something, as in: mundap ask 환불은 며칠 걸려요")
    settings = ChatSettings.load(faq=faq)
    said(settings, columns)
    live = open_live(settings, index)
    bot = Bot.of(live, settings)
    explained = bot.explain(query, language=language or settings.language)
    reply = explained.reply
    reasons = explained.reasons() if explain else None
    listed = []
    if explained.ranking is not None and (k is not None or as_json):
        count = k or _LISTED
        retriever = live.get().retriever
        parts: dict[str, Any] = {"dense": retriever.dense, "bm25": retriever.lexical_index}
        if mode == "hybrid":
            _, hits = bot.search(query, count)
        else:
            hits = parts[mode].search([explained.ranking.reading.text], count)[0]
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
            "suggestions": [asdict(item) for item in reply.suggestions],
            "hits": listed,
        }
        print_json(shown | ({"reasons": reasons and asdict(reasons)} if explain else {}))
        return
    _show_reply(reply)
    for hit in listed:
        typer.echo(f"  {hit['rank']}. {hit['score']:.3f}  {hit['entry_id']}  {hit['question']}")
    if reasons is not None:
        _show_reasons(reasons, reply.confidence)


def _show_reply(reply: "Reply") -> None:
    """Show what a visitor would see; buttons are lines."""
    typer.echo(reply.text)
    for item in reply.suggestions:
        typer.echo(f"  · {item.question}")


def _show_reasons(reasons: "Reasons", confidence: float | None) -> None:
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
