"""python app.py: the chat window."""

import sys

from mundap.chatbot.api.settings import ApiSettings
from mundap.chatbot.bot import Bot
from mundap.chatbot.feedback import FeedbackLog
from mundap.chatbot.home.first_run import prepare
from mundap.chatbot.live_bundle import LiveBundle
from mundap.chatbot.page.server import launch_page, require_free
from mundap.chatbot.page.window import build_page
from mundap.chatbot.settings import ChatSettings
from mundap.chatbot.similarity.similarity import Similarity


def serve(settings: ChatSettings) -> None:
    """Make what is missing, then show the chat window until Ctrl-C; raises ValueError."""
    # Now rather than after minutes of training.
    require_free(settings.host, settings.port)
    home = prepare(settings)
    live = LiveBundle.open(home.index)
    retrieval, source = live.get().retriever.encoder, ApiSettings.load().sts_encoder
    similarity = Similarity.configured(source, settings.home, retrieval)
    feedback = FeedbackLog(home.feedback)
    launch_page(build_page(Bot.of(live, settings), settings, feedback, similarity), settings)


def main() -> int:
    """Return 0 after Ctrl-C, or 2 after one clear sentence."""
    try:
        serve(ChatSettings.load())
    except ValueError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
