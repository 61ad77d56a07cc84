"""Command lines for what is done to the FAQ of a service in a child process."""

from mundap.chatbot.settings import ChatSettings


def faq_command(chat: ChatSettings, *command: str) -> list[str]:
    """Return what follows `mundap` for a command on the FAQ that is served."""
    named = ["--home", str(chat.home), "--speed", chat.speed]
    if chat.faq is not None:
        named += ["--faq", str(chat.faq)]
    return [*command, *named]
