"""The command `mundap`: one sub-command for each job, each importing its package when called."""

import logging
import sys
from importlib.metadata import version
from typing import Annotated

import typer

from mundap.commands.ask import app as ask
from mundap.commands.calibrate import app as calibrate
from mundap.commands.data.group import app as data
from mundap.commands.doctor import app as doctor
from mundap.commands.encode import app as encode
from mundap.commands.eval.group import app as evaluate
from mundap.commands.export import app as export
from mundap.commands.faq.group import app as faq
from mundap.commands.help import keep_names_whole
from mundap.commands.improve import app as improve
from mundap.commands.index.group import app as index
from mundap.commands.log import app as log
from mundap.commands.mine import app as mine
from mundap.commands.owner import app as owner
from mundap.commands.prepare import app as prepare
from mundap.commands.search import app as search
from mundap.commands.serve import app as serve
from mundap.commands.similarity.calibrate import app as sts_calibrate
from mundap.commands.similarity.rank import app as sts_rank
from mundap.commands.similarity.sts import app as sts
from mundap.commands.train import app as train
from mundap.commands.unanswered import app as unanswered
from mundap.index.parent import end_with_parent
from mundap.index.progress import Failure, write_event
from mundap.index.trouble import Trouble, trouble_of

app = typer.Typer(
    name="mundap",
    help="A Korean-first question-answering chatbot (문답).",
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
)
for subject in (
    serve,
    prepare,
    improve,
    ask,
    calibrate,
    train,
    mine,
    search,
    encode,
    sts,
    sts_rank,
    sts_calibrate,
    doctor,
    unanswered,
):
    app.add_typer(subject)
for name, group in {
    "faq": faq,
    "index": index,
    "eval": evaluate,
    "data": data,
    "export": export,
    "log": log,
    "owner": owner,
}.items():
    app.add_typer(group, name=name)


def _show_version(asked: bool) -> None:
    if asked:
        typer.echo(f"mundap {version('mundap')}")
        raise typer.Exit


@app.callback()
def check(
    context: typer.Context,
    show_version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_show_version, is_eager=True, help="Show the version and exit."
        ),
    ] = False,
) -> None:
    """A Korean-first question-answering chatbot (문답)."""
    from mundap.training.launch.meeting import meet_for

    meet_for(str(context.invoked_subcommand))


def main() -> None:
    """Run the command line; a mistake of the user's is one sentence and exit code 2."""
    from mundap.training.launch.launch import one_voice

    end_with_parent()
    if {"-h", "--help"} & set(sys.argv):
        keep_names_whole()
    logging.basicConfig(level=logging.WARNING, format="%(message)s", stream=sys.stderr)
    trouble: Trouble = "other"
    try:
        with one_voice():
            sys.exit(app(prog_name="mundap", standalone_mode=False))
    except typer.Abort:  # Ctrl-C or the end of the input, where something was asked
        message = "nothing was done."
    except typer.TyperException as error:  # no such command or option, a value out of bounds
        # "Value error" is what its checker calls itself.
        message = error.format_message().replace(": Value error, ", ": ")
    except OSError as error:
        message = f"{error.filename}: {error.strerror}." if error.filename else str(error)
        trouble = trouble_of(error)
    except ValueError as error:
        message, trouble = str(error), trouble_of(error)
    if message:  # without arguments the help has been shown
        write_event(Failure(message, trouble))
        typer.secho(f"mundap: {message}", err=True, fg=typer.colors.RED)
    sys.exit(2)


if __name__ == "__main__":
    main()
