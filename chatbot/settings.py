"""Settings of the bot and its page: mundap.toml, then MUNDAP_* variables, then flags."""

from pathlib import Path
from typing import Literal

from platformdirs import user_data_path
from pydantic import BaseModel, ConfigDict, Field, field_validator
from pydantic_settings import SettingsConfigDict

from mundap.chatbot.handover import HandOverSettings
from mundap.chatbot.page_settings import Contact, PageSettings
from mundap.chatbot.settings_file import FileSettings
from mundap.index.languages import Language

Speed = Literal["full", "fast"]


class Texts(BaseModel):
    """What the bot says when it has no answer, in one language."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    suggest: str
    unknown: str
    blank: str
    wordless: str
    too_long: str
    topic: str
    two: str
    greeting: str
    thanks: str
    filler: str

    @field_validator("too_long")
    @classmethod
    def _has_known_fields(cls, text: str) -> str:
        try:
            text.format(length=1, limit=1)
        except (LookupError, ValueError) as error:
            raise ValueError(
                f"only {{length}} and {{limit}} may stand in braces ({error})"
            ) from None
        return text


KOREAN = Texts(
    suggest="혹시 아래 질문 중에 찾으시는 것이 있나요?",
    unknown=(
        "죄송해요, 그 질문에는 아직 드릴 답이 없어요. "
        "다른 말로 다시 물어봐 주시거나 상담원에게 문의해 주세요."
    ),
    blank="궁금한 점을 적어 주세요.",
    wordless="기호나 이모지만으로는 알아듣기 어려워요. 궁금한 점을 글로 적어 주세요.",
    too_long="질문이 {length:,}자예요. {limit:,}자 안으로 줄여서 다시 물어봐 주세요.",
    topic="어떤 것이 궁금하세요?",
    two="두 가지를 물어보신 것 같아요. 궁금한 것을 골라 주세요.",
    greeting="안녕하세요! 궁금한 점을 물어봐 주세요.",
    thanks="도움이 되었다니 기뻐요. 더 궁금한 점이 있으면 물어봐 주세요.",
    filler="네, 궁금한 점을 한 문장으로 적어 주세요.",
)
ENGLISH = Texts(
    suggest="Did you mean one of these questions?",
    unknown=(
        "Sorry, I do not have an answer to that yet. "
        "Please ask in other words, or contact our staff."
    ),
    blank="Please type your question.",
    wordless="I cannot read symbols or emoji alone. Please put your question into words.",
    too_long="Your question has {length:,} characters. Please shorten it to {limit:,} or fewer.",
    topic="What would you like to know?",
    two="You seem to ask two things. Please choose.",
    greeting="Hello! What would you like to know?",
    thanks="You are welcome. Ask me anything else.",
    filler="Please put what you would like to know into a sentence.",
)


class ChatSettings(FileSettings):
    """Everything an owner may change about bot and page; an unknown key is an error."""

    model_config = SettingsConfigDict(
        env_prefix="MUNDAP_",
        env_nested_delimiter="__",
        # One text can be changed without repeating the others.
        nested_model_default_partial_update=True,
        extra="forbid",
        frozen=True,
    )

    # Only this machine can reach the page until its owner decides otherwise.
    host: str = "127.0.0.1"
    port: int = Field(default=7860, ge=1, le=65535)
    # None: the FAQ that comes with the project.
    faq: Path | None = None
    # Encoders, indexes and feedback, one folder for each FAQ.
    home: Path = Field(default_factory=lambda: user_data_path("mundap"))
    # "fast" leaves the pretrained encoder out: half the milliseconds a question, and on a FAQ with
    # one phrasing an entry half the answers.
    speed: Speed = "full"
    # A cross-encoder (directory or hub name) that looks at the first hits again; needs torch.
    reranker: str | None = None
    language: Language = "ko"
    title: str = "문답"
    # Greetings and thanks are answered in kind where the FAQ has nothing to say to them.
    small_talk: bool = True
    # As many as fit under an answer on a phone.
    suggestions: int = Field(default=3, ge=0, le=10)
    # Long enough for a long-winded customer; a book is not a question.
    max_query_length: int = Field(default=1000, ge=1)
    # URL of the store; None: the file store.sqlite in the FAQ's own folder.
    database_url: str | None = Field(default=None, repr=False)
    # What visitors ask and do, masked, goes to the store, for so many days and so many of the last.
    record: bool = True
    retention_days: int = Field(default=180, ge=1)
    max_exchanges: int = Field(default=2_000_000, ge=1000)
    texts_ko: Texts = KOREAN
    texts_en: Texts = ENGLISH
    contact: Contact = Contact()
    handover: HandOverSettings = HandOverSettings()
    page: PageSettings = PageSettings()

    def texts(self, language: Language) -> Texts:
        """Return the texts of one language."""
        return self.texts_ko if language == "ko" else self.texts_en

    def said_in(self, language: Language, text: str) -> str | None:
        """Return one of the texts as the same one is said in a language; None of any other text."""
        known = (*self.texts_ko, *self.texts_en)
        name = next((name for name, said in known if said == text), None)
        return None if name is None else str(getattr(self.texts(language), name))
