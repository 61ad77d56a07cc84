"""`mundap chat`, `serve` and `token`: what visitors and clients meet."""

import gc
from pathlib import Path
from typing import Annotated

import typer

from mundap.commands.fields import with_fields
from mundap.commands.inputs import said
from mundap.commands.options import Faq, Speed
from mundap.index.faq.sheets.columns import FaqColumns

app = typer.Typer()

Host = Annotated[str | None, typer.Option("--host", help="Address to listen on.")]
Port = Annotated[int | None, typer.Option("--port", help="Port to listen on.")]
SimilarityTab = Annotated[
    bool, typer.Option("--similarity-tab", help="A second tab, in which sentences are compared.")
]


@app.command(epilog="Example: `mundap chat --faq my_faq.csv --port 8000`")
@with_fields
def chat(
    faq: Faq = None,
    host: Host = None,
    port: Port = None,
    speed: Speed = None,
    similarity_tab: SimilarityTab = False,
    *,
    columns: FaqColumns,
) -> None:
    """Open the chat window, with the API behind it; the first run trains and indexes the FAQ."""
    gc.disable()  # a start makes no garbage to speak of; the server turns it on again
    from mundap.chatbot.api.serving.address import Address
    from mundap.chatbot.api.settings import ApiSettings
    from mundap.chatbot.settings import ChatSettings

    shown = _page(similarity_tab)
    settings = ChatSettings.load(faq=faq, host=host, port=port, speed=speed, page=shown)
    said(settings, columns)
    from mundap.chatbot.api.serving.server import run_server

    run_server(settings, ApiSettings.load(), Address.of(settings))


@app.command(epilog="Example: `mundap serve --no-page --port 8000`")
@with_fields
def serve(
    faq: Faq = None,
    index: Annotated[Path | None, typer.Option(help="Serve this index instead.")] = None,
    host: Host = None,
    port: Port = None,
    page: Annotated[bool, typer.Option("--page/--no-page", help="The chat page at /.")] = True,
    workers: Annotated[
        int, typer.Option(min=1, max=64, help="Processes; the owner's page wants one alone.")
    ] = 1,
    speed: Speed = None,
    similarity_tab: SimilarityTab = False,
    *,
    columns: FaqColumns,
) -> None:
    """Serve the API, described at /docs, with the chat page at /; its log is JSON."""
    gc.disable()
    from mundap.chatbot.api.log import log_as_json
    from mundap.chatbot.api.serving.address import Address
    from mundap.chatbot.api.settings import ApiSettings
    from mundap.chatbot.settings import ChatSettings

    settings = ApiSettings.load(host=host, port=port)
    chat = ChatSettings.load(faq=faq, speed=speed, page=_page(similarity_tab))
    said(chat, columns)
    from mundap.chatbot.api.serving.server import run_server

    log_as_json()
    if workers > 1 and chat.page.similarity_tab and page:
        raise ValueError(
            "--similarity-tab keeps a visitor's file in the process that took it, so it wants one: "
            "leave out --workers or the tab."
        )
    run_server(chat, settings, Address.of(settings), index=index, with_page=page, workers=workers)


def _page(similarity_tab: bool) -> dict[str, bool] | None:
    return {"similarity_tab": True} if similarity_tab else None


@app.command(epilog="Example: `mundap token`")
def token() -> None:
    """Make a token for a client of the API, and the hash to put into the settings."""
    from mundap.chatbot.api.layers.access import new_token

    made, digest = new_token()
    typer.echo(f"token  {made}")
    typer.echo(f"hash   {digest}")
    typer.echo(
        "The client sends `Authorization: Bearer TOKEN`; the server holds the hash alone:\n"
        "[api.tokens] NAME = HASH or [api] admin_token = HASH in mundap.toml.",
        err=True,
    )
