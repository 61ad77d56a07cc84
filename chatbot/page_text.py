"""What the page itself says, in Korean and in English."""

from dataclasses import dataclass

from chatbot.settings import Language


@dataclass(frozen=True, slots=True)
class PageText:
    """Every label of the page in one language; the texts of a FAQ are not among them."""

    subtitle: str
    greeting: str
    category: str
    all_categories: str
    new_chat: str
    message: str
    send: str
    # {question} is the stored phrasing that matched, {score} its cosine.
    matched: str


_KOREAN = PageText(
    subtitle="자주 묻는 질문에서 답을 찾아 드려요.",
    greeting="무엇이 궁금하세요?",
    category="분류",
    all_categories="전체",
    new_chat="새 대화",
    message="질문을 입력하세요",
    send="보내기",
    matched="찾은 질문: {question} · 유사도 {score:.2f}",
)
_ENGLISH = PageText(
    subtitle="Answers come from the frequently asked questions.",
    greeting="How can we help?",
    category="Category",
    all_categories="All",
    new_chat="New chat",
    message="Type your question",
    send="Send",
    matched="Matched question: {question} · similarity {score:.2f}",
)


def page_text(language: Language) -> PageText:
    """Return the labels of one language."""
    return _KOREAN if language == "ko" else _ENGLISH
