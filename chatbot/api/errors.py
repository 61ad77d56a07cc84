"""The one shape of every error of the API, and the exception that carries it."""

from fastapi import HTTPException
from pydantic import BaseModel, ConfigDict


class ApiError(HTTPException):
    """A request is refused: an HTTP status, a code for programs and a sentence for people."""

    def __init__(
        self, status: int, code: str, message: str, headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(status, message, headers)
        self.code = code
        self.message = message


class ErrorDetail(BaseModel):
    """What went wrong."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    code: str
    message: str
    request_id: str


class ErrorBody(BaseModel):
    """The body of every response with a status of 400 or more."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    error: ErrorDetail
