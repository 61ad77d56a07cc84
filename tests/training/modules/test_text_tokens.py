from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import torch

from mundap.training.data.split import Split
from mundap.training.fit.trainer import train
from mundap.training.modules.base import load_base
from mundap.training.modules.text_tokens import TextTokens
from tests.training.small_base import FAQ, PAIRS, configured

TEXTS = [text for entry in FAQ for text in (entry.question, entry.answer)][:6]


def loaded(path: Path) -> Any:
    return load_base(str(path), pooling=None, max_seq_length=32)[0]


def test_a_text_is_tokenised_once(bert: Path) -> None:
    first = loaded(bert)
    read: list[str] = []

    def counted(texts: Sequence[str], **options: Any) -> dict[str, Any]:
        read.extend(texts)
        result: dict[str, Any] = first.preprocess(texts, **options)
        return result

    tokens = TextTokens(counted, first.tokenizer.pad_token_id)
    for batch in (TEXTS[:3], TEXTS[2:6], [TEXTS[0], TEXTS[0]], []):
        found, wanted = tokens(batch), first.preprocess(batch)
        assert found.keys() == wanted.keys()
        for name, value in wanted.items():
            assert (
                torch.equal(found[name], value)
                if torch.is_tensor(value)
                else (found[name] == value)
            )
    assert read == list(dict.fromkeys(TEXTS[:6]))


def test_a_prompt_is_no_part_of_what_is_remembered(bert: Path) -> None:
    first = loaded(bert)
    tokens = TextTokens(first.preprocess, first.tokenizer.pad_token_id)
    tokens(TEXTS[:2])
    found = tokens(TEXTS[:2], prompt=TEXTS[2])
    wanted = first.preprocess(TEXTS[:2], prompt=TEXTS[2])
    assert torch.equal(found["input_ids"], wanted["input_ids"])


def test_training_tokenises_each_text_once(
    bert: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    read = TextTokens._read

    def counted(self: TextTokens, texts: dict[str, None]) -> None:
        asked.extend(texts)
        read(self, texts)

    monkeypatch.setattr(TextTokens, "_read", counted)
    config = configured(bert, epochs=3)
    train(Split(PAIRS, None, []), config, tmp_path / "encoder")
    assert sorted(asked) == sorted({text for pair in PAIRS for text in pair.texts})
