"""Sentence similarity over HTTP: one pair, or a file of sentences against one."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, File, Form, Query, Request, UploadFile
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from starlette.types import Receive, Scope, Send

from mundap.chatbot.api.errors import ApiError
from mundap.chatbot.api.lines import CLIENT
from mundap.chatbot.api.pool import Pool
from mundap.chatbot.api.settings import ApiSettings
from mundap.chatbot.places import NoPlaceError, Places
from mundap.chatbot.similarity.output import csv_pieces, json_pieces
from mundap.chatbot.similarity.similarity import Similarity, StsScore
from mundap.chatbot.similarity.table import Problem, SentenceTable, SentenceTableError

_STATUS: dict[Problem, int] = {"not_csv": 415, "too_many_rows": 413, "bad_csv": 422}
_CSV = "text/csv"


class StsBody(BaseModel):
    """How much two sentences say the same."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    cosine: float | None = Field(
        ge=-1, le=1, description="Of their vectors; null where a cross-encoder compares."
    )
    score: float = Field(ge=0, le=5, description="0: unrelated, 5: the same.")

    @classmethod
    def of(cls, score: StsScore) -> "StsBody":
        """Return the body that says `score`."""
        return cls(cosine=score.cosine, score=score.score)


class RankedBody(StsBody):
    """One sentence of a file."""

    row: int = Field(ge=0, description="From 0, below the heading.")
    text: str


class RankBody(BaseModel):
    """The sentences of a file against one."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    column: str
    rows: int = Field(ge=1)
    scores: dict[str, Annotated[float, Field(ge=0, le=5)]] = Field(
        description="Row (from 0, below the heading) -> score, in the order of the file."
    )
    top: list[RankedBody] = Field(max_length=10, description="The closest ten, closest first.")


def similarity_router(
    similarity: Similarity, rankings: Places, settings: ApiSettings, pool: Pool, max_length: int
) -> APIRouter:
    """Return the routes of sentence similarity; sentences have at most `max_length` characters.

    `rankings` are the places for files that are ranked.
    """
    router = APIRouter(prefix="/v1/sts", tags=["similarity"])
    # Something other than white space.
    told = StringConstraints(min_length=1, max_length=max_length, pattern=r"\S")

    class StsRequest(BaseModel):
        """Two sentences."""

        model_config = ConfigDict(extra="forbid")

        sentence1: Annotated[str, told]
        sentence2: Annotated[str, told]

    @router.get("", summary="Compare two sentences")
    async def compare(
        sentence1: Annotated[str, told, Query()], sentence2: Annotated[str, told, Query()]
    ) -> StsBody:
        return StsBody.of((await pool.run(similarity.score, [(sentence1, sentence2)]))[0])

    @router.post("", summary="Compare two sentences that no log of addresses should hold")
    async def compare_body(pair: StsRequest) -> StsBody:
        pairs = [(pair.sentence1, pair.sentence2)]
        return StsBody.of((await pool.run(similarity.score, pairs))[0])

    @router.post(
        "/rank",
        summary="Compare every sentence of a CSV file with one",
        description="JSON, or with `Accept: text/csv` a file with a line for each sentence.",
        response_model=RankBody,
        responses={200: {"content": {_CSV: {"schema": {"type": "string"}}}}},
        max_body_size=settings.max_upload_bytes,
        form_limits={"max_files": 1, "max_fields": 2, "max_part_size": 8 * max_length},
    )
    def rank(
        request: Request,
        sentence: Annotated[str, told, Form()],
        file: Annotated[UploadFile, File(description="UTF-8 or CP949, with a heading.")],
        column: Annotated[
            str | None, Form(max_length=200, description="By name; else the first with text.")
        ] = None,
    ) -> Any:
        try:
            table = SentenceTable.check(file.file, column=column, max_rows=settings.max_upload_rows)
        except SentenceTableError as error:
            raise ApiError(_STATUS[error.code], error.code, str(error)) from None
        client = CLIENT.get()
        try:
            rankings.take(client)
        except NoPlaceError:
            message = "A file of yours, or enough of others, is being ranked. Try again in a while."
            raise ApiError(503, "busy", message, {"Retry-After": "10"}) from None
        leave = partial(rankings.leave, client)
        ranked = similarity.rank(sentence, table.texts())
        if wants_csv(request.headers.get("accept", "")):
            headers = {"Content-Disposition": 'attachment; filename="similarity.csv"'}
            return _Ranking(leave, csv_pieces(ranked), _CSV + "; charset=utf-8", headers)
        pieces = json_pieces(ranked, column=table.heading, rows=table.rows)
        return _Ranking(leave, pieces, "application/json", {})

    return router


def wants_csv(accept: str) -> bool:
    """Whether an Accept header prefers CSV to JSON; JSON where it likes both alike."""
    liked: dict[str, float] = {}
    for part in accept.lower().split(","):
        kind, *parameters = (word.strip() for word in part.split(";"))
        quality = next((word[2:] for word in parameters if word.startswith("q=")), "1")
        try:
            liked[kind] = float(quality)
        except ValueError:
            liked[kind] = 0.0
    json = max(liked.get(kind, 0.0) for kind in ("application/json", "application/*", "*/*"))
    return liked.get(_CSV, liked.get("text/*", 0.0)) > json


class _Ranking(StreamingResponse):
    """Streams a ranking, and gives its place free however the connection ends."""

    def __init__(
        self,
        release: Callable[[], None],
        pieces: Iterator[bytes],
        media_type: str,
        headers: dict[str, str],
    ) -> None:
        super().__init__(pieces, media_type=media_type, headers=headers)
        self._release = release

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._release()
