"""The FAQ that a command edits, and who does it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from mundap.chatbot.home.draft import Draft

HomeFolder = Annotated[
    Path | None, typer.Option("--home", help="Folder of what is made; else MUNDAP_HOME, or yours.")
]
Owner = Annotated[str, typer.Option("--owner", help="Who does it, for the history.")]
# Who works on the command line has no name that could be checked.
NOBODY = "cli"


def opened_draft(faq: Path | None, home: Path | None, speed: Any = None) -> "Draft":
    """Open the working copy of the FAQ that is served; raises ValueError in a sentence."""
    from mundap.chatbot.home.draft import Draft
    from mundap.chatbot.settings import ChatSettings

    return Draft.of(ChatSettings.load(faq=faq, home=home, speed=speed))
