"""README.md of an encoder: what made it, in figures and names, without a text of its data."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

_FRONT = """---
language: ko
library_name: sentence-transformers
pipeline_tag: sentence-similarity
tags:
- sentence-transformers
- mundap
---
"""
_LOAD = """## Load it

```python
from mundap import load_encoder

vectors = load_encoder("{name}").encode(["오늘 날씨가 좋네요"])
```

```python
from sentence_transformers import SentenceTransformer

vectors = SentenceTransformer("{name}"{trust}).encode(["오늘 날씨가 좋네요"])
```

{note}"""
# What the embedded encoder owes; NOTICE says the same of the project.
_ATTRIBUTION = """## Attribution

Derived from the language model that [kiwipiepy_model](https://github.com/bab2min/kiwipiepy)
distributes: Copyright 2017-2026 Minchul Lee and the Kiwi contributors, Apache License 2.0. That was
trained on the Sejong Corpus and the NIKL Corpora of the National Institute of Korean Language
(국립국어원) and holds no text of them."""
_OURS = (
    "The second way needs mundap installed too: `trust_remote_code` lets its module be imported."
)


def model_card(record: Mapping[str, Any], name: str, *, ours: bool) -> str:
    """Return the card of an encoder called `name` from what `training.json` records.

    `ours` says that its first module is one of this project.
    """
    parts = [
        f"{_FRONT}\n# {name}\n\nAn encoder of Korean questions, trained with mundap.",
        f"## Data\n\n{_table(_data(record))}",
        f"## Values\n\n{_table(_values(record))}",
        f"## Figures of each epoch\n\n{_history(record['history'], record['epoch'])}",
        f"## Versions\n\n{_table({'python': record['python'], **record['versions']})}",
        _LOAD.format(
            name=name,
            trust=", trust_remote_code=True" if ours else "",
            note=_OURS if ours else "",
        ),
    ]
    if ours:
        parts.append(_ATTRIBUTION)
    return "\n\n".join(part.rstrip("\n") for part in parts) + "\n"


def _data(record: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "pairs": record["pairs"],
        "pairs held out": record["pairs_held_out"],
        "development queries": record["development_queries"],
        "SHA-256 of the pairs": record["pairs_sha256"],
        "licence": record.get("data_licence") or "not stated",
    }


def _values(record: Mapping[str, Any]) -> dict[str, Any]:
    tasks = {
        f"{task}.{key}": value
        for task, values in record["tasks"].items()
        for key, value in values.items()
    }
    config = dict(record["config"])
    # The name alone: where it lay on the machine that trained it is nobody's business.
    config["base"] = str(config["base"]).rstrip("/").rpartition("/")[2]
    return {key: json.dumps(value, ensure_ascii=False) for key, value in (config | tasks).items()}


def _history(history: Sequence[Mapping[str, float]], chosen: int) -> str:
    names = list(dict.fromkeys(name for row in history for name in row if name != "epoch"))
    rows = [
        [f"{row['epoch']:.0f}", *(f"{row[name]:.4f}" if name in row else "" for name in names)]
        for row in history
    ]
    return f"{_rows(['epoch', *names], rows)}\nThe encoder is that of epoch {chosen}."


def _table(values: Mapping[str, Any]) -> str:
    return _rows(["", ""], [[name, str(value)] for name, value in values.items()])


def _rows(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(map(_cell, line))} |\n" for line in lines)


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())
