"""What each click and key press on the page does."""

import gradio as gr

from chatbot.bot import Bot
from chatbot.feedback import Feedback, FeedbackLog, FeedbackValue
from chatbot.page_text import page_text
from chatbot.page_turns import Message, Turn, messages
from chatbot.settings import ChatSettings, Language

Turns = tuple[Turn, ...]
# What every reply changes on the page: the turns kept and the messages shown.
Shown = tuple[Turns, list[Message]]

# Each reply sends the whole conversation to the browser, so it must not grow for ever.
_KEPT_TURNS = 100


class PageEvents:
    """Steps from one conversation to the next; holds none, so visitors never share or wait.

    Category "" means all of them, as the value of a drop-down cannot be None.
    """

    def __init__(self, bot: Bot, settings: ChatSettings, feedback: FeedbackLog) -> None:
        self._bot = bot
        self._settings = settings
        self._feedback = feedback

    def ask(self, turns: Turns, query: str, category: str, language: Language) -> Shown:
        """Reply to what the visitor typed; a blank query changes nothing."""
        if not query.strip():
            # Not the turns once more: a reply may be on its way that they do not have yet.
            return gr.skip(), gr.skip()
        return _shown((*turns, self._asked(query, category or None, language)), language)

    def ask_example(self, turns: Turns, language: Language, event: gr.SelectData) -> Shown:
        """Reply to an example question, whatever the category chosen."""
        return self.ask(turns, str(event.value["text"]), "", language)

    def pick(self, turns: Turns, language: Language, event: gr.SelectData) -> Shown:
        """Show the answer of the candidate that was clicked, and of no other entry."""
        offered = turns[-1].reply.suggestions if turns else ()
        question = next((item.question for item in offered if item.entry_id == event.value), "")
        return _shown((*turns, self._picked(str(event.value), question, language)), language)

    def retry(self, turns: Turns, category: str, language: Language) -> Shown:
        """Ask the last query again, in the category chosen now."""
        if not turns:
            return _shown(turns, language)
        *earlier, last = turns
        if last.picked is None:
            turn = self._asked(last.query, category or None, language)
        else:
            turn = self._picked(last.picked, last.query, language)
        return _shown((*earlier, turn), language)

    def like(self, turns: Turns, event: gr.LikeData) -> None:
        """Keep a thumb; `event.liked` is "" where the visitor takes it back."""
        place = int(event.index) // 2
        if not 0 <= place < len(turns):
            return
        turn = turns[place]
        values: dict[bool | str, FeedbackValue] = {True: "up", False: "down"}
        self._feedback.append(
            Feedback(
                value=values.get(event.liked, "none"),
                query=turn.query,
                kind=turn.reply.kind,
                entry_id=turn.reply.entry_id,
                score=turn.reply.score,
                generation=turn.reply.generation,
                category=turn.category,
            )
        )

    def _asked(self, query: str, category: str | None, language: Language) -> Turn:
        reply = self._bot.reply(query, category=category, language=language)
        limit = self._settings.max_query_length
        # The reply says how long it was; keeping and showing a book helps nobody.
        kept = query if len(query) <= limit else f"{query[:limit]}…"
        return Turn(kept, reply, category)

    def _picked(self, entry_id: str, question: str, language: Language) -> Turn:
        reply = self._bot.answer(entry_id)
        if reply is None:
            # A rebuild dropped the entry after it was offered: its question still says what for.
            return self._asked(question, None, language)
        return Turn(question or reply.question or "", reply, picked=entry_id)


def _shown(turns: Turns, language: Language) -> Shown:
    kept = turns[-_KEPT_TURNS:]
    return kept, messages(kept, page_text(language))
