"""What the API says of why a reply is as it is: thresholds, hits and reasons."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from mundap.chatbot.reply import Explanation
from mundap.index.search.confidence import Confidence
from mundap.index.search.hit import Hit
from mundap.index.search.reasons import Reasons


def _rounded(score: float) -> float:
    """Return what a score means: the sums of float32 behind it reach a little beyond 1."""
    return round(max(-1.0, min(1.0, score)), 4)


Score = Annotated[
    float, AfterValidator(_rounded), Field(description="At most 1; higher is better.")
]
Probability = Annotated[
    float, AfterValidator(lambda probability: round(probability, 4)), Field(ge=0, le=1)
]


class ResponseBody(BaseModel):
    """The base of every response and of its parts."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class HitOut(ResponseBody):
    """An entry found, from rank 1."""

    rank: int
    entry_id: str
    question: Annotated[str, Field(description="The entry's own question.")]
    matched_question: Annotated[str, Field(description="The phrasing of it that matched best.")]
    answer: str
    category: str
    score: Score

    @classmethod
    def of(cls, rank: int, hit: Hit) -> "HitOut":
        """Take over a hit of the retriever."""
        return cls(
            rank=rank,
            entry_id=hit.entry_id,
            question=hit.entry.question,
            matched_question=hit.question,
            answer=hit.entry.answer,
            category=hit.entry.category,
            score=hit.score,
        )


class Thresholds(ResponseBody):
    """The probabilities of being right from which a reply is an answer, or else suggestions."""

    answer: Probability
    suggest: Probability

    @classmethod
    def of(cls, confidence: Confidence) -> "Thresholds":
        """Take over the thresholds of a bundle."""
        return cls(answer=confidence.answer, suggest=confidence.suggest)


class StepOut(ResponseBody):
    """One repair of a query, and the text before and after it."""

    name: str
    before: str
    after: str


class ReasonsOut(ResponseBody):
    """Why the first hit came first."""

    searched: Annotated[str, Field(description="The query, cleaned up and repaired.")]
    steps: Annotated[list[StepOut], Field(description="The repairs, in order; mostly none.")]
    matched_question: Annotated[str, Field(description="The phrasing nearest to it.")]
    dense_rank: Annotated[
        int, Field(ge=0, description="Its rank by meaning; 0: a reranker put it first.")
    ]
    bm25_rank: Annotated[int, Field(ge=0, description="By words; 0: none in common.")]
    shared: Annotated[
        list[str], Field(description="Content words of both, as a dictionary lists them.")
    ]

    @classmethod
    def of(cls, reasons: Reasons) -> "ReasonsOut":
        """Take over the reasons for a ranking."""
        return cls(
            searched=reasons.searched,
            steps=[StepOut(name=s.name, before=s.before, after=s.after) for s in reasons.steps],
            matched_question=reasons.question,
            dense_rank=reasons.dense_rank,
            bm25_rank=reasons.bm25_rank,
            shared=list(reasons.shared),
        )


class Why(ResponseBody):
    """Why a reply is of its kind: asked for with `explain`."""

    thresholds: Thresholds
    hits: list[HitOut]
    reasons: Annotated[ReasonsOut | None, Field(description="Null where nothing was found.")]

    @classmethod
    def of(cls, explained: Explanation) -> "Why":
        """Take over why the bot replied so."""
        reasons = explained.reasons()
        return cls(
            thresholds=Thresholds.of(explained.confidence),
            hits=[HitOut.of(rank, hit) for rank, hit in enumerate(explained.hits, start=1)],
            reasons=None if reasons is None else ReasonsOut.of(reasons),
        )
