"""The script that an owner's site loads."""

import json
from pathlib import Path

from mundap.chatbot.settings import ChatSettings

_SCRIPT = Path(__file__).with_name("widget.js").read_text(encoding="utf-8")
_OWNER = "const owner = {};"


def widget_script(settings: ChatSettings) -> str:
    """Return `widget.js` with the owner's title, colour and language in it, for one FAQ."""
    owner = {
        "title": settings.title,
        "colour": settings.page.colour,
        "language": settings.language,
    }
    return _SCRIPT.replace(_OWNER, f"const owner = {json.dumps(owner)};", 1)
