"""What the page calls the server with: one event, whose every part is bounded or left out."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

# gradio makes ten characters or so up for each open page.
SESSION = r"^[A-Za-z0-9_-]{1,64}$"
SESSION_OF_ALL = "page"


class CallError(ValueError):
    """A call that the page itself would not make."""


@dataclass(frozen=True, slots=True)
class Input:
    """One input of an event: one of `choices`, or any text."""

    choices: Collection[str] = ()


class _Call(BaseModel):
    """A call as gradio's page sends it; what is not named here is left out."""

    model_config = ConfigDict(frozen=True, strict=True)

    fn_index: int
    session_hash: Annotated[str, Field(pattern=SESSION)]
    trigger_id: int | None = None
    data: Annotated[list[Any], Field(max_length=16)]


class Calls:
    """The events that a page has, by number, with their inputs."""

    def __init__(self, events: Mapping[int, tuple[Input, ...]]) -> None:
        self._events = events

    def clean(self, body: bytes) -> bytes:
        """Return the JSON of one call with nothing in it but bounded texts; raises CallError.

        No file and no address is ever among them: nothing that gradio would open or fetch.
        """
        try:
            call = _Call.model_validate_json(body)
        except ValidationError as error:
            first = error.errors()[0]
            raise CallError(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from None
        inputs = self._events.get(call.fn_index)
        if inputs is None:
            raise CallError("fn_index: no event of the page has this number")
        if len(call.data) != len(inputs):
            raise CallError(f"data: wanted {len(inputs)} values, met {len(call.data)}")
        data = [_clean(given, value) for given, value in zip(inputs, call.data, strict=True)]
        # gradio would keep something of every visitor that it can tell apart.
        told = {"data": data, "session_hash": SESSION_OF_ALL}
        return call.model_copy(update=told).model_dump_json().encode()


def _clean(given: Input, value: Any) -> str:
    if value is None and not given.choices:
        return ""
    if not isinstance(value, str):
        raise CallError("data: wanted texts alone")
    if given.choices and value not in given.choices:
        raise CallError(f"data: wanted one of {', '.join(given.choices)}")
    return value
