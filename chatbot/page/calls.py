"""What the page calls the server with: one event, whose every part is bounded or left out."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

# gradio makes ten characters or so up for each open page.
SESSION = r"^[A-Za-z0-9_-]{1,64}$"
# The parts of a conversation that a thumb can stand at, two for each turn.
_Place = Annotated[int, Field(ge=0, le=10_000)]
_Text = Annotated[str, Field(max_length=100_000)]


class CallError(ValueError):
    """A call that the page itself would not make."""


@dataclass(frozen=True, slots=True)
class Input:
    """One input of an event: kept here and never sent, one of `choices`, or any text."""

    is_kept: bool = False
    choices: Collection[str] = ()


class _EventData(BaseModel):
    """What was clicked: `value` is a text, or the text of an example; all else is left out."""

    model_config = ConfigDict(frozen=True, strict=True)

    index: _Place | Annotated[list[_Place], Field(max_length=2)] | None = None
    value: _Text | dict[str, _Text] | None = None
    liked: bool | Annotated[str, Field(max_length=0)] | None = None

    @field_validator("value", mode="before")
    @classmethod
    def _text(cls, value: Any) -> Any:
        if isinstance(value, dict):
            return {"text": value.get("text", "")}
        return value if isinstance(value, str) else None


class _Call(BaseModel):
    """A call as gradio's page sends it; what is not named here is left out."""

    model_config = ConfigDict(frozen=True, strict=True)

    fn_index: int
    session_hash: Annotated[str, Field(pattern=SESSION)]
    trigger_id: int | None = None
    data: Annotated[list[Any], Field(max_length=16)]
    event_data: _EventData = _EventData()

    @field_validator("event_data", mode="before")
    @classmethod
    def _nothing_clicked(cls, data: Any) -> Any:
        return {} if data is None else data


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
        return call.model_copy(update={"data": data}).model_dump_json().encode()


def _clean(given: Input, value: Any) -> str | None:
    if given.is_kept:
        return None
    if value is None and not given.choices:
        return ""
    if not isinstance(value, str):
        raise CallError("data: wanted texts alone")
    if given.choices and value not in given.choices:
        raise CallError(f"data: wanted one of {', '.join(given.choices)}")
    return value
