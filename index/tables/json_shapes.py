"""The shapes in which JSON holds questions and answers, each made one table."""

from collections.abc import Iterator, Mapping
from typing import Any

_ASKS = {"user", "human", "customer", "질문자", "고객"}
_SAYS = {"assistant", "gpt", "bot", "chatbot", "model", "agent", "상담사"}
# Names of a list of messages, of who speaks and of what is said.
_TALKS, _WHO, _WHAT = ("messages", "conversations"), ("role", "from"), ("content", "value")
# One of these makes a lone object a row.
_ROW_NAMES = {"question", "q", "질문", "prompt", "instruction"}
# Lists are looked for so deep in what is not a list itself.
_DEEPEST = 4


def records_of(value: Any) -> list[dict[str, Any]]:
    """Return the rows of a JSON value; [] where it holds none.

    An array of objects or of pairs, an object that holds such arrays (under the names of
    categories, where there are several), an object of question: answer, a chat, SQuAD, or the
    FAQPage of schema.org; also lists under the names of columns.
    """
    value = faq_page(value) or _rows_of_columns(value) or value
    return [
        {"category": category, **record} if category else record
        for item, category in _items(value)
        for record in flat_records(item)
    ]


def faq_page(value: Any) -> list[Any]:
    """Return the questions of the FAQPages of schema.org in a value, or [] where it has none."""
    nodes = [node for node in _listed(value) if isinstance(node, Mapping)]
    parts = [part for node in nodes for part in _listed(node.get("@graph", node))]
    return [
        question
        for part in parts
        if isinstance(part, Mapping) and "FAQPage" in str(part.get("@type"))
        for question in _listed(part.get("mainEntity"))
    ]


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _rows_of_columns(value: Any) -> list[dict[str, Any]]:
    """Return the rows of an object that holds a list for each column, as data frames write it."""
    if not isinstance(value, Mapping) or not {name.casefold() for name in value} & _ROW_NAMES:
        return []
    lengths = {len(part) if isinstance(part, list) else 0 for part in value.values()}
    if len(value) < 2 or len(lengths) > 1 or max(lengths) < 2:
        return []
    if any(isinstance(cell, (list, Mapping)) for part in value.values() for cell in part):
        return []
    return [dict(zip(value, cells, strict=True)) for cells in zip(*value.values(), strict=True)]


def flat_records(item: Any) -> Iterator[dict[str, Any]]:
    """Yield the rows of one object or pair; what nests in it is named `outer.inner`."""
    if isinstance(item, (list, tuple)):
        if len(item) == 2 and all(isinstance(part, str) for part in item):
            yield {"question": item[0], "answer": item[1]}
        return
    if not isinstance(item, Mapping):
        return
    for name in _TALKS:
        if isinstance(item.get(name), list):
            yield from _turns(item[name])
            return
    if isinstance(item.get("paragraphs"), list):  # SQuAD: articles of paragraphs of questions
        for paragraph in item["paragraphs"]:
            for question in paragraph.get("qas", []) if isinstance(paragraph, Mapping) else []:
                yield from flat_records(question)
        return
    if item.get("@type") == "Question":
        accepted = item.get("acceptedAnswer") or item.get("suggestedAnswer")
        yield {"question": item.get("name"), "answer": _texts(accepted)}
        return
    if item:
        yield dict(_flat(item, ""))


def _items(value: Any, depth: int = 0) -> list[tuple[Any, str]]:
    """Return the objects or pairs in a value, each with the name that it stands under, if any."""
    if isinstance(value, list):
        return [pair for item in value for pair in _within(item, depth) or [(item, "")]]
    if not isinstance(value, Mapping) or depth > _DEEPEST:
        return []
    if _is_row(value):
        return [(value, "")]
    if all(isinstance(part, str) for part in value.values()):
        return [([name, part], "") for name, part in value.items()]
    within = {name: _items(part, depth + 1) for name, part in value.items()}
    within = {name: items for name, items in within.items() if _hold_rows(items)}
    several = len(within) > 1
    return [
        (item, inner or (name if several and not name.isdecimal() else ""))
        for name, items in within.items()
        for item, inner in items
    ]


def _within(item: Any, depth: int) -> list[tuple[Any, str]]:
    """Return the rows in an object of a list that is a category with its questions, if it is."""
    if not isinstance(item, Mapping) or _is_row(item) or depth > _DEEPEST:
        return []
    found = [
        pair
        for part in item.values()
        if isinstance(part, list)
        for pair in _items(part, depth + 1)
        if isinstance(pair[0], Mapping) and _is_row(pair[0])
    ]
    name = next((part for part in item.values() if isinstance(part, str) and part.strip()), "")
    return [(row, inner or name) for row, inner in found]


def _is_row(value: Mapping[str, Any]) -> bool:
    """Whether an object is a row itself, not what rows lie in."""
    if value.get("@type") == "Question" or any(name in value for name in (*_TALKS, "paragraphs")):
        return True
    if {name.casefold() for name in value} & _ROW_NAMES:
        return not any(
            _hold_rows(_items(part)) for part in value.values() if isinstance(part, list)
        )
    return False


def _hold_rows(items: list[tuple[Any, str]]) -> bool:
    return any(True for item, _ in items for _ in flat_records(item))


def _turns(messages: list[Any]) -> Iterator[dict[str, Any]]:
    """Yield what was asked with what was said next; what a system said is no part of it."""
    asked: Any = None
    for message in messages:
        if not isinstance(message, Mapping):
            continue
        who = str(next((message[name] for name in _WHO if name in message), "")).casefold()
        what = next((message[name] for name in _WHAT if name in message), None)
        if who in _ASKS:
            asked = what
        elif who in _SAYS and asked is not None:
            yield {"question": asked, "answer": what}
            asked = None
    if asked is not None:
        yield {"question": asked, "answer": None}


def _flat(item: Mapping[str, Any], outer: str) -> Iterator[tuple[str, Any]]:
    for name, value in item.items():
        full = f"{outer}{name}".strip()
        if isinstance(value, Mapping):
            yield from _flat(value, f"{full}.")
        else:
            yield full, _texts(value) if isinstance(value, list) else value


def _texts(value: Any) -> Any:
    """Return a list of texts for a list of objects that each hold one: SQuAD's answers."""
    if isinstance(value, Mapping):
        return value.get("text")
    if isinstance(value, list):
        return [_texts(part) for part in value]
    return value
