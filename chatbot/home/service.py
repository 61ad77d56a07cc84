"""What page and API share: who asks through either meets the same bot and the same rules."""

from dataclasses import dataclass, field
from pathlib import Path

from mundap.chatbot.bot import Bot
from mundap.chatbot.home.first_run import open_live
from mundap.chatbot.home.jobs import Jobs
from mundap.chatbot.home.publishing import Publishing
from mundap.chatbot.home.store import exchanges_of, open_store
from mundap.chatbot.live_bundle import LiveBundle
from mundap.chatbot.places import Places
from mundap.chatbot.settings import ChatSettings
from mundap.chatbot.similarity.similarity import Similarity
from mundap.feedback.exchanges.exchanges import Exchanges
from mundap.feedback.store.database import Database

# Files ranked at once, of all visitors and of one. Each takes a core for as long as it lasts;
# questions come first.
RANKINGS, RANKINGS_EACH = 2, 1


@dataclass(frozen=True, slots=True)
class Service:
    """One of each of what serving one FAQ takes."""

    chat: ChatSettings
    live: LiveBundle
    bot: Bot
    similarity: Similarity
    # None where the store cannot be used; chatting goes on without it.
    database: Database | None
    exchanges: Exchanges
    # What changes the index: one of all at a time.
    jobs: Jobs = field(default_factory=Jobs)
    # None where the index is not the one of a FAQ, or there is no store: then nothing is edited.
    publishing: Publishing | None = None
    rankings: Places = field(default_factory=lambda: Places(RANKINGS, RANKINGS_EACH))

    @classmethod
    def open(
        cls,
        index: Path | None,
        chat: ChatSettings,
        *,
        sts_encoder: str | None,
        shared: Path | None = None,
    ) -> "Service":
        """Load the index, or the prepared one of the FAQ, and what the settings name.

        Of a long FAQ that may be an early index, which `completion` follows up. `shared` is the
        file of several processes that serve it.

        Raises ValueError where that fails.
        """
        live = open_live(chat, index, early=True)
        retriever = live.get().retriever
        reader = retriever.content.encoder if retriever.content else None
        similarity = Similarity.configured(sts_encoder, chat.home, retriever.encoder, reader)
        # A cross-encoder loads its weights with the first pair; no visitor should wait for that.
        similarity.score([(chat.title, chat.title)])
        database = open_store(chat)
        exchanges = exchanges_of(database, chat, shared)
        jobs = Jobs()
        publishing = None
        if index is None and database is not None:
            publishing = Publishing.of(chat, database, jobs)
        bot = Bot.of(live, chat)
        return cls(chat, live, bot, similarity, database, exchanges, jobs, publishing)

    def close(self) -> None:
        """Write what is not written yet, and let go of the store."""
        self.exchanges.close()
        if self.database is not None:
            self.database.close()
