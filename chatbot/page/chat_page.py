"""The page as the API takes it: what answers, what it may be called with, what it keeps."""

from dataclasses import dataclass
from typing import Any

from mundap.chatbot.page.calls import Calls
from mundap.chatbot.page.files import Files


@dataclass(frozen=True, slots=True)
class ChatPage:
    """An application of FastAPI, the events in it, and the files that visitors sent."""

    application: Any
    calls: Calls
    files: Files
