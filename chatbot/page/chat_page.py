"""The page as the API takes it: what answers, what it may be called with, what it keeps."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from mundap.chatbot.page.calls import Calls
from mundap.chatbot.page.files import Files
from mundap.chatbot.settings import ChatSettings


@dataclass(frozen=True, slots=True)
class ChatPage:
    """An application of FastAPI, the events in it, and the files that visitors sent.

    `dress` gives it the words and the look of other settings, for whoever opens it then.
    """

    application: Any
    calls: Calls
    files: Files
    dress: Callable[[ChatSettings], None] = field(default=lambda settings: None)
