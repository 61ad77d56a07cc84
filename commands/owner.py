"""`mundap owner`: who may open the owner's page at /admin."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import typer

from mundap.commands.options import Faq

app = typer.Typer(help="Add, list and remove owners, who may open /admin.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="What the owner logs in with.")]
FromStdin = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from standard input.")
]


@app.command("add", epilog="Example: `mundap owner add 김하나`")
def owner_add(name: Name, password_stdin: FromStdin = False, faq: Faq = None) -> None:
    """Add an owner, with a password that is asked for twice; then /admin exists."""
    with _owners(faq) as owners:
        name = owners.add(name, _password(password_stdin))
    typer.echo(f"{name} may log in now, at /admin of `mundap chat` or `mundap serve`.")


@app.command("list", epilog="Example: `mundap owner list`")
def owner_list(faq: Faq = None) -> None:
    """Print the names of the owners, one a line."""
    with _owners(faq) as owners:
        names = owners.names()
    for name in names:
        typer.echo(name)
    if not names:
        typer.echo("There is no owner yet; `mundap owner add NAME` adds one.", err=True)


@app.command("remove", epilog="Example: `mundap owner remove 김하나`")
def owner_remove(name: Name, faq: Faq = None) -> None:
    """Remove an owner and end what is open under that name; without any, /admin is gone."""
    with _owners(faq) as owners:
        owners.remove(name)
    typer.echo(f"{name} may not log in any more.")


@app.command("password", epilog="Example: `mundap owner password 김하나`")
def owner_password(name: Name, password_stdin: FromStdin = False, faq: Faq = None) -> None:
    """Set another password and end what is open under that name."""
    with _owners(faq) as owners:
        owners.require(name)
        owners.set_password(name, _password(password_stdin))
    typer.echo(f"{name} has another password; log in again.")


@contextmanager
def _owners(faq: Any) -> Iterator[Any]:
    from mundap.chatbot.home.store import store_of
    from mundap.chatbot.settings import ChatSettings
    from mundap.feedback.owners.owners import Owners

    database = store_of(ChatSettings.load(faq=faq))
    try:
        yield Owners(database)
    finally:
        database.close()


def _password(from_stdin: bool) -> str:
    from mundap.feedback.owners.owners import SHORTEST_PASSWORD

    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    wanted = f"Password (at least {SHORTEST_PASSWORD} characters)"
    return str(typer.prompt(wanted, hide_input=True, confirmation_prompt="Once more"))
