"""What each click and key press on the page does."""

import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import gradio as gr

from mundap.chatbot.bot import Bot
from mundap.chatbot.page.turns import Mark, Turn, messages
from mundap.chatbot.settings import ChatSettings, Language
from mundap.feedback.exchange import Thumb, ThumbValue
from mundap.feedback.exchanges import Exchanges, NotKeptError, UnknownExchangeError

Turns = list[Turn]
# What gradio is to change of a component, as `gr.update` and `gr.skip` return it.
Update = Any
# What every reply changes on the page: the turns kept and the chat that shows them.
Shown = tuple[Turns, Update]

# Each reply sends the whole conversation to the browser, and the server keeps a thousand of
# them, so none may grow for ever: turns, and characters of what was asked.
_KEPT_TURNS, _KEPT_LENGTH = 100, 10_000

# By `LikeData.liked`, which is "" where the visitor takes a thumb back.
_THUMBS: dict[bool | str, tuple[ThumbValue, Mark | None]] = {
    True: ("up", "Like"),
    False: ("down", "Dislike"),
    "": ("none", None),
}


class PageEvents:
    """Steps of a conversation; holds none itself, so visitors never share or wait.

    Turns are changed in place: a visitor in a hurry may ask again before the first reply is
    back, and neither is to be lost. Category "" means all of them, as the value of a
    drop-down cannot be None.
    """

    def __init__(self, bot: Bot, settings: ChatSettings, exchanges: Exchanges) -> None:
        self._bot = bot
        self._settings = settings
        self._exchanges = exchanges

    def ask(self, turns: Turns, query: str, category: str, language: Language) -> Shown:
        """Reply to what the visitor typed; a blank query changes nothing."""
        if not query.strip():
            return gr.skip(), gr.skip()
        return _add(turns, self._asked(query, category or None, language, turns), language)

    def ask_example(self, turns: Turns, language: Language, event: gr.SelectData) -> Shown:
        """Reply to an example question, whatever the category chosen."""
        return self.ask(turns, str(event.value["text"]), "", language)

    def pick(self, turns: Turns, language: Language, event: gr.SelectData) -> Shown:
        """Show the answer of the candidate that was clicked, and of no other entry."""
        offered = turns[-1].reply.suggestions if turns else ()
        question = next((item.question for item in offered if item.entry_id == event.value), "")
        return _add(turns, self._picked(str(event.value), question, language), language)

    def retry(self, turns: Turns, category: str, language: Language) -> Shown:
        """Ask the last query again, in the category chosen now."""
        if not turns:
            return gr.skip(), gr.skip()
        last = turns.pop()
        if last.picked is None:
            turn = self._asked(last.query, category or None, language, turns)
        else:
            turn = self._picked(last.picked, last.query, language)
        return _add(turns, turn, language)

    def clear(self, turns: Turns) -> Shown:
        """Begin a new conversation."""
        turns.clear()
        return turns, gr.update(value=[], feedback_value=[])

    def like(self, turns: Turns, event: gr.LikeData, request: gr.Request) -> Update:
        """Keep a thumb for the owner, and in the conversation where that was done."""
        place = int(event.index) // 2
        if not 0 <= place < len(turns):
            return gr.skip()
        turn, (value, mark) = turns[place], _THUMBS[event.liked]
        thumb = Thumb(turn.request_id, datetime.now(UTC), value)
        try:
            # As the guard of the API has found out.
            self._exchanges.rate(thumb, request.request.state.caller.name)
        except (UnknownExchangeError, NotKeptError):
            # The visitor did us a favour and is not to be troubled; the thumb does not stay.
            pass
        else:
            if turn in turns:  # a hundred questions may have come meanwhile
                turns[turns.index(turn)] = replace(turn, mark=mark)
        return gr.update(feedback_value=[turn.mark for turn in turns])

    def _asked(
        self, query: str, category: str | None, language: Language, turns: Sequence[Turn] = ()
    ) -> Turn:
        before = turns[-1].query if turns else None
        explained = self._bot.explain(query, category=category, language=language, previous=before)
        limit = self._settings.max_query_length
        # The reply says how long it was; keeping and showing a book helps nobody.
        kept = query if len(query) <= limit else f"{query[:limit]}…"
        request_id = secrets.token_hex(8)
        self._exchanges.add(explained.exchange(request_id, "page", kept, category))
        return Turn(kept, explained.reply, request_id, category, reasons=explained.reasons())

    def _picked(self, entry_id: str, question: str, language: Language) -> Turn:
        reply = self._bot.answer(entry_id)
        if reply is None:
            # A rebuild dropped the entry after it was offered: its question still says what for.
            return self._asked(question, None, language)
        question, request_id = question or reply.question or "", secrets.token_hex(8)
        self._exchanges.add(reply.exchange(request_id, "page", question))
        return Turn(question, reply, request_id, picked=entry_id)


def conversation(turns: Turns, language: Language) -> Update:
    """Return what the chat shows of `turns`: their messages and the thumbs given."""
    return gr.update(
        value=messages(turns, language),
        feedback_value=[turn.mark for turn in turns],
    )


def _add(turns: Turns, turn: Turn, language: Language) -> Shown:
    turns.append(turn)
    del turns[:-_KEPT_TURNS]
    while len(turns) > 1 and sum(len(turn.query) for turn in turns) > _KEPT_LENGTH:
        del turns[0]
    return turns, conversation(turns, language)
