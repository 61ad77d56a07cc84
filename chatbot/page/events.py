"""What the page asks the server: replies, thumbs, and the words of the FAQ that serves now."""

import re
import secrets
from datetime import UTC, datetime
from typing import Any

import gradio as gr
from pydantic import ValidationError

from mundap.chatbot.bot import Bot
from mundap.chatbot.handover import Conversation, HandOver, NotHandedOverError
from mundap.chatbot.page.turns import told
from mundap.chatbot.small_talk import small_talk
from mundap.feedback.exchanges.exchange import Reaction, ReactionValue
from mundap.feedback.exchanges.exchanges import (
    Exchanges,
    NotKeptError,
    NotOfferedError,
    UnknownExchangeError,
)
from mundap.index.languages import Language

# Why a thumb went down, as the store has it; `NONE`: of what was offered nothing was meant.
REASONS = ("wrong", "outdated", "unclear", "not_my_question")
NONE = "none_of_these"
# Characters of what a visitor adds to a thumb.
_LONGEST_COMMENT = 500
_CONVERSATION = re.compile(r"[A-Za-z0-9_-]{1,64}")
_THUMBS: tuple[ReactionValue, ...] = ("up", "down", "none")


class PageEvents:
    """Answers one call at a time and holds no conversation: that is the visitor's browser's."""

    def __init__(self, bot: Bot, exchanges: Exchanges) -> None:
        self._bot = bot
        self._exchanges = exchanges
        self._hand_over = HandOver(bot.settings.handover)

    def ask(
        self,
        query: str,
        previous: str,
        category: str,
        language: str,
        conversation: str,
        request: gr.Request | None = None,
    ) -> dict[str, Any]:
        """Reply to what the visitor typed, after `previous`; category "" means all of them.

        Owners who have logged in to their page see reasons and percentages.
        """
        spoken: Language = "ko" if language == "ko" else "en"
        explained = self._bot.explain(
            query, category=category or None, language=spoken, previous=previous or None
        )
        kept = query[: self._bot.settings.max_query_length]
        request_id = secrets.token_hex(8)
        exchange = explained.exchange(
            request_id,
            "page",
            kept,
            category or None,
            conversation=_known(conversation),
            language=spoken,
        )
        self._exchanges.add(exchange)
        # What asks nothing has no likelihood of being right.
        reasons = None if small_talk(query) else explained.reasons()
        page = self._bot.settings.page
        other: Language = "en" if spoken == "ko" else "ko"
        text = explained.reply.text
        fixed = None if explained.reply.entry_id else self._bot.settings.said_in(other, text)
        return told(
            explained.reply,
            query,
            request_id,
            reasons,
            with_reasons=page.reasons or _is_owner(request),
            translated={other: fixed} if fixed and fixed != text else {},
            image_hosts=page.image_hosts,
        )

    def pick(
        self,
        entry_id: str,
        question: str,
        offered_by: str,
        language: str,
        conversation: str,
        request: gr.Request,
    ) -> dict[str, Any]:
        """Reply with the answer of the entry that was chosen, and of no other.

        `offered_by` is the id of the reply that offered it.
        """
        self._react(Reaction(offered_by, datetime.now(UTC), "chosen", entry_id), request)
        spoken: Language = "ko" if language == "ko" else "en"
        reply = self._bot.answer(entry_id, spoken)
        if reply is None:
            # A rebuild dropped the entry after it was offered: its question still says what for.
            return self.ask(question, "", "", language, conversation, request)
        request_id = secrets.token_hex(8)
        exchange = reply.exchange(
            request_id,
            "page",
            question,
            kind="chosen",
            conversation=_known(conversation),
            language=spoken,
        )
        self._exchanges.add(exchange)
        hosts = self._bot.settings.page.image_hosts
        return told(reply, question, request_id, image_hosts=hosts)

    def rate(
        self, request_id: str, value: str, reason: str, comment: str, request: gr.Request
    ) -> bool:
        """Keep a thumb for the owner, and return whether that was done."""
        known = next((each for each in _THUMBS if each == value), None)
        if known is None or reason not in ("", NONE, *REASONS):
            return False
        said = comment.strip()[:_LONGEST_COMMENT] or None
        thumb = Reaction(request_id, datetime.now(UTC), known, reason=reason or None, comment=said)
        return self._react(thumb, request)

    def hand_over(self, conversation: str, request: gr.Request) -> bool:
        """Send a conversation, as JSON, to the owner's people; return whether they have it."""
        try:
            handed = Conversation.model_validate_json(conversation)
            self._hand_over.send(handed)
        except (ValidationError, NotHandedOverError):
            return False
        if handed.turns:
            last = handed.turns[-1].request_id
            self._react(Reaction(last, datetime.now(UTC), "handed_over"), request)
        return True

    def _react(self, reaction: Reaction, request: gr.Request) -> bool:
        """Record what a visitor did, and return whether that was done."""
        try:
            # As the guard of the API has found out.
            self._exchanges.react(reaction, request.request.state.caller.name)
        except (UnknownExchangeError, NotOfferedError, NotKeptError):
            return False
        return True

    def words(self) -> dict[str, Any]:
        """Return the categories of the FAQ, and questions to begin with."""
        page, bot = self._bot.settings.page, self._bot
        korean = page.starters or page.starters_en or bot.example_questions()
        english = page.starters_en or page.starters or bot.example_questions(language="en")
        starters = {"ko": list(korean), "en": list(english)}
        return {"categories": bot.categories(), "starters": starters}


def _is_owner(request: gr.Request | None) -> bool:
    """Return whether an owner asks, as the server around the page has found out."""
    return request is not None and getattr(request.request.state, "is_owner", False)


def _known(conversation: str) -> str | None:
    """Return what the page names a conversation by, where it is that."""
    return conversation if _CONVERSATION.fullmatch(conversation) else None
