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
    language: str
    new_chat: str
    message: str
    # {question} is the stored phrasing that matched, {score} its cosine.
    matched: str
    # gradio's own buttons, where it has no translation or a clumsy one.
    copy: str
    copied: str
    retry: str
    like: str
    dislike: str


_KOREAN = PageText(
    subtitle="궁금한 점을 물어보시면 자주 묻는 질문에서 답을 찾아 드려요.",
    greeting="무엇이 궁금하세요?",
    category="분류",
    all_categories="전체",
    language="언어",
    new_chat="새 대화",
    message="질문을 입력하세요",
    matched="찾은 질문: {question} · 유사도 {score:.2f}",
    copy="복사",
    copied="복사했어요",
    retry="다시 묻기",
    like="도움이 됐어요",
    dislike="도움이 안 됐어요",
)
_ENGLISH = PageText(
    subtitle="Ask anything; the answer comes from our frequently asked questions.",
    greeting="How can we help?",
    category="Category",
    all_categories="All",
    language="Language",
    new_chat="New chat",
    message="Type your question",
    matched="Matched question: {question} · similarity {score:.2f}",
    copy="Copy",
    copied="Copied",
    retry="Ask again",
    like="This helped",
    dislike="This did not help",
)


def page_text(language: Language) -> PageText:
    """Return the labels of one language."""
    return _KOREAN if language == "ko" else _ENGLISH
