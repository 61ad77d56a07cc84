"""The bodies of requests and responses of the API."""

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from mundap.chatbot.answer_html import answer_html
from mundap.chatbot.api.routes.schema_why import (
    HitOut,
    Probability,
    ResponseBody,
    Score,
    Thresholds,
    Why,
)
from mundap.chatbot.reply import Explanation, Suggestion
from mundap.index.faq.entry import FaqEntry
from mundap.index.languages import Language
from mundap.index.search.confidence import ReplyKind

MAX_K = 100
MAX_BATCH = 100
MAX_COMMENT = 2000
# They are kept with each reply.
MAX_CATEGORY, CONVERSATION = 200, r"^[A-Za-z0-9_-]{1,64}$"


def _whole(number: Any) -> Any:
    """Return 15 for 15.0: JSON has one kind of number."""
    return int(number) if isinstance(number, float) and number.is_integer() else number


Whole = Annotated[int, BeforeValidator(_whole)]
K = Annotated[Whole, Field(ge=1, le=MAX_K)]
Query = Annotated[str, Field(description="What a visitor typed; info names the longest allowed.")]
Category = Annotated[
    str | None,
    Field(max_length=MAX_CATEGORY, description="Search entries of this category only."),
]


class _Request(BaseModel):
    # Strict: "5" is no number, and a misspelt key is an error.
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class _AskOptions(_Request):
    k: Annotated[
        Whole | None, Field(ge=0, le=MAX_K, description="At most this many suggestions.")
    ] = None
    category: Category = None
    explain: Annotated[
        bool, Field(description="Also return hits, thresholds and why the first came first.")
    ] = False
    language: Annotated[
        Language | None, Field(description="To reply in: `en` takes English answers of the FAQ.")
    ] = None


class AskBody(_AskOptions):
    """A query to answer."""

    query: Query
    previous: Annotated[
        Query | None,
        Field(description="What the visitor asked before, for a question that leans on it."),
    ] = None
    conversation: Annotated[
        str | None,
        Field(pattern=CONVERSATION, description="Random; shared by what is asked in one sitting."),
    ] = None


class BatchBody(_AskOptions):
    """Queries to answer, each by itself."""

    queries: Annotated[list[str], Field(min_length=1, max_length=MAX_BATCH)]


class SearchBody(_Request):
    """A query to rank entries by."""

    query: Query
    k: K = 10
    category: Category = None


class FeedbackBody(_Request):
    """What a visitor thought of one reply, or chose of what it offered."""

    request_id: Annotated[str, Field(max_length=64, description="`request_id` of the reply.")]
    value: Literal["up", "down", "none", "chosen"]
    entry_id: Annotated[str | None, Field(max_length=200, description="Of what was chosen.")] = None
    reason: Annotated[str | None, Field(max_length=200)] = None
    comment: Annotated[str | None, Field(max_length=MAX_COMMENT)] = None

    @model_validator(mode="after")
    def _chooses_an_entry(self) -> Self:
        if (self.value == "chosen") != (self.entry_id is not None):
            raise ValueError("chosen goes with an entry_id, and with nothing else does one go")
        return self


class SuggestionOut(ResponseBody):
    """An entry the visitor may have meant."""

    entry_id: str
    question: str
    score: Score

    @classmethod
    def of(cls, suggestion: Suggestion) -> "SuggestionOut":
        """Take over a suggestion of the bot."""
        return cls(
            entry_id=suggestion.entry_id, question=suggestion.question, score=suggestion.score
        )


class AskReply(ResponseBody):
    """The reply to one query."""

    kind: ReplyKind
    answer: Annotated[str | None, Field(description="For kind answer, as stored, else null.")]
    answer_html: Annotated[
        str | None,
        Field(description="The answer as the page shows it: safe HTML with links, lists, tables."),
    ]
    message: Annotated[str | None, Field(description="What to tell the visitor otherwise.")]
    language: Annotated[
        Language | None, Field(description="Of the answer or message, to be its `lang`.")
    ]
    matched_question: str | None
    entry_id: str | None
    score: Annotated[Score | None, Field(description="Of the best hit; null where none counts.")]
    confidence: Annotated[
        Probability | None,
        Field(description="Probability that the best hit is right; null: nothing to search for."),
    ]
    suggestions: list[SuggestionOut]
    explanation: Annotated[Why | None, Field(description="Null unless asked for.")]
    request_id: Annotated[str, Field(description="Names this reply in feedback.")]
    generation: int
    read_with: Annotated[
        str | None, Field(description="The question before, where this one was read with it.")
    ]

    @classmethod
    def of(
        cls,
        explained: Explanation,
        request_id: str,
        *,
        explain: bool,
        image_hosts: tuple[str, ...] = (),
    ) -> "AskReply":
        """Take over what the bot replied; answers show images of `image_hosts`."""
        reply = explained.reply
        is_answer = reply.kind == "answer"
        return cls(
            kind=reply.kind,
            answer=reply.text if is_answer else None,
            answer_html=answer_html(reply.text, image_hosts) if is_answer else None,
            message=None if is_answer else reply.text,
            language=reply.language,
            matched_question=reply.question,
            entry_id=reply.entry_id,
            score=reply.score,
            confidence=reply.confidence,
            suggestions=[SuggestionOut.of(item) for item in reply.suggestions],
            explanation=Why.of(explained) if explain else None,
            request_id=request_id,
            generation=reply.generation,
            read_with=reply.read_with,
        )


class BatchReply(ResponseBody):
    """The replies to a batch, in its order."""

    replies: list[AskReply]
    request_id: str


class SearchReply(ResponseBody):
    """Entries for one query, best first, whatever their score."""

    hits: list[HitOut]
    request_id: str
    generation: int


class FeedbackReply(ResponseBody):
    """The feedback was taken."""

    accepted: Literal[True] = True
    request_id: str


class FaqOut(ResponseBody):
    """One entry of the FAQ."""

    entry_id: str
    question: str
    alternates: list[str]
    answer: str
    category: str
    question_en: Annotated[str, Field(description="The same in English, if anybody wrote it.")]
    answer_en: str

    @classmethod
    def of(cls, entry: FaqEntry) -> "FaqOut":
        """Take over an entry."""
        return cls.model_validate(entry, from_attributes=True)


class FaqPage(ResponseBody):
    """A part of the FAQ, in its order."""

    entries: list[FaqOut]
    total: Annotated[int, Field(description="Entries of all parts together.")]
    next_offset: Annotated[int | None, Field(description="Of the next part; null at the end.")]
    generation: int


class Info(ResponseBody):
    """What serves."""

    title: str
    version: str
    generation: int
    created: str
    entries: int
    passages: int
    index_kind: str
    encoder: Annotated[str, Field(description="Fingerprint of the encoder.")]
    thresholds: Thresholds
    categories: list[str]
    max_query_length: int
    max_batch: int


class Health(ResponseBody):
    """The process is alive."""

    status: Literal["ok"] = "ok"


class Ready(ResponseBody):
    """Encoder and bundle have been verified and have answered."""

    status: Literal["ready"] = "ready"
    generation: int


class AdviceQuery(BaseModel):
    """How advice is to be told."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    language: Annotated[Language | None, Field(description="Else that of the settings.")] = None


class AdviceLine(ResponseBody):
    """One thing the owner of the FAQ should know."""

    about: Annotated[
        str,
        Field(description="basis: what the percentages rest on; fault, lone, confusable, queries."),
    ]
    text: str
    entry_ids: Annotated[
        list[str], Field(description="The entries it is about, most needed first.")
    ]


class AdviceOut(ResponseBody):
    """What the percentages of the serving generation rest on, then what would help, most first."""

    generation: int
    advice: list[AdviceLine]


class JobOut(ResponseBody):
    """A rebuild of the index."""

    job_id: str
    state: Literal["running", "done", "failed"]
    percent: Annotated[int, Field(ge=0, le=100, description="Of the questions to embed.")]
    eta_seconds: Annotated[float | None, Field(description="Null while nothing can be said.")]
    generation: Annotated[int | None, Field(description="The new one, when done.")]
    message: Annotated[str | None, Field(description="Why it failed.")]


class RolledBack(ResponseBody):
    """The generation that serves now."""

    generation: int
