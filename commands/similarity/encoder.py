"""The encoder that judges similarity, by option or by settings."""

from typing import Any

from mundap.commands.inputs import prepare_encoder
from mundap.index.progress import progress


def load_similarity(encoder: str | None) -> Any:
    """Load what compares sentences with the encoder of an option."""
    from mundap.chatbot.settings import ChatSettings
    from mundap.chatbot.similarity.similarity import Similarity

    return Similarity.load(encoder_source(encoder), ChatSettings.load().home)


def encoder_source(encoder: str | None) -> str:
    """Return the encoder that was named or else the one that `mundap serve` compares with."""
    from mundap.chatbot.api.settings import ApiSettings
    from mundap.chatbot.settings import ChatSettings
    from mundap.chatbot.similarity.similarity import similarity_source

    settings = ChatSettings.load()
    source = str(similarity_source(encoder or ApiSettings.load().sts_encoder, settings.home))
    with progress("Preparing the base encoder") as advance:
        prepare_encoder(source, advance)
    return source
