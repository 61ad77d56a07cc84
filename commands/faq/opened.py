"""The FAQ that a command edits."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mundap.chatbot.home.draft import Draft


def opened_draft(faq: Path | None, home: Path | None, speed: Any = None) -> "Draft":
    """Open the working copy of the FAQ that is served; raises ValueError in a sentence."""
    from mundap.chatbot.home.draft import Draft
    from mundap.chatbot.settings import ChatSettings

    return Draft.of(ChatSettings.load(faq=faq, home=home, speed=speed))
