"""Options that are fields of a dataclass, where each is declared once with its help."""

import dataclasses
import inspect
from collections.abc import Callable, Iterator
from functools import wraps
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import typer


def with_fields(command: Callable[..., None]) -> Callable[..., None]:
    """Replace parameters of a command that are dataclasses by an option for each field.

    An option is a field that has its help: `epochs: Annotated[int, "At most this many."] = 10`. A
    parameter annotated with the dataclass gets one made of the options; one annotated
    `Annotated[dict[str, Any], TheDataclass]` gets those that were given alone.
    """
    signature = inspect.signature(command, eval_str=True)
    parameters: list[inspect.Parameter] = []
    made: dict[str, tuple[Callable[..., Any], list[str]]] = {}
    for name, parameter in signature.parameters.items():
        kind, given_alone = _dataclass_of(parameter.annotation)
        if kind is None:
            parameters.append(parameter)
            continue
        options = list(_options(kind, given_alone))
        parameters += options
        made[name] = (_given if given_alone else kind, [option.name for option in options])

    @wraps(command)
    def whole(**values: Any) -> None:
        built = {
            name: make(**{field: values.pop(field) for field in fields})
            for name, (make, fields) in made.items()
        }
        command(**values, **built)

    whole.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
    whole.__annotations__ = {p.name: p.annotation for p in parameters}
    return whole


def _dataclass_of(annotation: Any) -> tuple[type | None, bool]:
    """Return the dataclass that a parameter stands for, and whether by the values given alone."""
    if get_origin(annotation) is Annotated and dataclasses.is_dataclass(get_args(annotation)[1]):
        return get_args(annotation)[1], True
    return (annotation, False) if dataclasses.is_dataclass(annotation) else (None, False)  # type: ignore[return-value]


def _options(kind: type, given_alone: bool) -> Iterator[inspect.Parameter]:
    hints = get_type_hints(kind, include_extras=True)
    for field in dataclasses.fields(kind):
        hint = hints[field.name]
        if get_origin(hint) is not Annotated:
            continue
        wanted, text = get_args(hint)[:2]
        default = inspect.Parameter.empty if field.default is dataclasses.MISSING else field.default
        if given_alone:
            if default is not None and default is not False:
                text = f"{text.removesuffix('.')}; else {default}."
            wanted, default = wanted | None, None
        # What is off needs no name for switching it off, which takes room from others in the help.
        names = [f"--{field.name.replace('_', '-')}"] if default is False else []
        annotation = Annotated[wanted, typer.Option(*names, help=text)]  # type: ignore[valid-type]
        yield inspect.Parameter(
            field.name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation
        )


def _given(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}
