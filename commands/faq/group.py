"""The sub-commands of `mundap faq`, in the order of its help."""

import typer

from mundap.commands.faq.diff import app as diff
from mundap.commands.faq.export import app as export
from mundap.commands.faq.history import app as history
from mundap.commands.faq.import_file import app as import_file
from mundap.commands.faq.publish import app as publish
from mundap.commands.faq.rollback import app as rollback
from mundap.commands.faq.undo import app as undo

app = typer.Typer(
    help="Take a FAQ over, see what was edited, publish it and go back.", no_args_is_help=True
)
for command in (import_file, export, diff, publish, rollback, history, undo):
    app.add_typer(command)
