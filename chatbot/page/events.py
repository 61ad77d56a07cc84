"""What the page asks the server: replies, thumbs, and the words of the FAQ that serves now."""

import secrets
from datetime import UTC, datetime
from typing import Any, get_args

import gradio as gr
from pydantic import ValidationError

from mundap.chatbot.bot import Bot
from mundap.chatbot.handover import Conversation, HandOver, NotHandedOverError
from mundap.chatbot.page.turns import told
from mundap.chatbot.settings import ChatSettings, Language
from mundap.chatbot.small_talk import small_talk
from mundap.feedback.exchange import Thumb, ThumbValue
from mundap.feedback.exchanges import Exchanges, NotKeptError, UnknownExchangeError

# Why a thumb went down, as the feedback file has it; `NONE`: of what was offered nothing was meant.
REASONS = ("wrong", "outdated", "unclear", "not_my_question")
NONE = "none_of_these"
# Characters of what a visitor adds to a thumb.
_LONGEST_COMMENT = 500
_VALUES: tuple[ThumbValue, ...] = get_args(ThumbValue)


class PageEvents:
    """Answers one call at a time and holds no conversation: that is the visitor's browser's."""

    def __init__(self, bot: Bot, settings: ChatSettings, exchanges: Exchanges) -> None:
        self._bot = bot
        self._exchanges = exchanges
        self._hand_over = HandOver(settings.handover)

    def ask(self, query: str, previous: str, category: str, language: str) -> dict[str, Any]:
        """Reply to what the visitor typed, after `previous`; category "" means all of them."""
        spoken: Language = "ko" if language == "ko" else "en"
        explained = self._bot.explain(
            query, category=category or None, language=spoken, previous=previous or None
        )
        kept = query[: self._bot.settings.max_query_length]
        request_id = secrets.token_hex(8)
        self._exchanges.add(explained.exchange(request_id, "page", kept, category or None))
        # What asks nothing has no likelihood of being right.
        reasons = None if small_talk(query) else explained.reasons()
        page = self._bot.settings.page
        return told(
            explained.reply,
            query,
            request_id,
            reasons,
            with_reasons=page.reasons,
            image_hosts=page.image_hosts,
        )

    def pick(self, entry_id: str, question: str, language: str) -> dict[str, Any]:
        """Reply with the answer of the entry that was chosen, and of no other."""
        reply = self._bot.answer(entry_id)
        if reply is None:
            # A rebuild dropped the entry after it was offered: its question still says what for.
            return self.ask(question, "", "", language)
        request_id = secrets.token_hex(8)
        self._exchanges.add(reply.exchange(request_id, "page", question))
        hosts = self._bot.settings.page.image_hosts
        return told(reply, question, request_id, image_hosts=hosts)

    def rate(
        self, request_id: str, value: str, reason: str, comment: str, request: gr.Request
    ) -> bool:
        """Keep a thumb for the owner, and return whether that was done."""
        known = next((each for each in _VALUES if each == value), None)
        if known is None or reason not in ("", NONE, *REASONS):
            return False
        said = comment.strip()[:_LONGEST_COMMENT] or None
        thumb = Thumb(request_id, datetime.now(UTC), known, reason or None, said)
        try:
            # As the guard of the API has found out.
            self._exchanges.rate(thumb, request.request.state.caller.name)
        except (UnknownExchangeError, NotKeptError):
            return False
        return True

    def hand_over(self, conversation: str) -> bool:
        """Send a conversation, as JSON, to the owner's people; return whether they have it."""
        try:
            self._hand_over.send(Conversation.model_validate_json(conversation))
        except (ValidationError, NotHandedOverError):
            return False
        return True

    def words(self) -> dict[str, Any]:
        """Return the categories of the FAQ, and questions to begin with."""
        starters = list(self._bot.settings.page.starters) or self._bot.example_questions()
        return {"categories": self._bot.categories(), "starters": starters}
