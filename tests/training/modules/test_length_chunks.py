from pathlib import Path
from typing import Any

import pytest
import torch
from sentence_transformers import SentenceTransformer

from mundap.training.modules.base import load_base
from mundap.training.modules.length_chunks import LengthChunks, spared
from mundap.training.objectives.mnrl import Mnrl
from tests.training.small_base import FAQ

# Twenty texts, more than go through at once, short and long ones in turn.
TEXTS = [text for entry in FAQ for text in (entry.question, entry.answer, entry.question[:2])][:20]


def loaded(path: Path) -> SentenceTransformer:
    # Evaluation mode: without dropout every way sees the same vectors.
    return load_base(str(path), pooling=None, max_seq_length=32).eval()


def loss_and_gradient(transformer: SentenceTransformer) -> tuple[float, list[Any]]:
    columns = [transformer.preprocess(texts) for texts in (TEXTS[0::2], TEXTS[1::2])]
    loss = Mnrl(scale=20.0).loss(transformer)(columns, None)
    loss.backward()
    return loss.item(), [weight.grad for weight in transformer.parameters()]


@pytest.mark.parametrize("pooling", ["mean", "cls", "max"])
def test_loss_and_gradient_are_those_of_the_padded_batch(pooling: Any, bert: Path) -> None:
    transformers = [load_base(str(bert), pooling=pooling, max_seq_length=32) for _ in range(2)]
    plain, light = (transformer.eval() for transformer in transformers)
    loss, gradient = loss_and_gradient(plain)
    with spared(light):
        again, found = loss_and_gradient(light)
    assert again == pytest.approx(loss, rel=1e-5)
    assert sum(float(grad.abs().sum()) for grad in gradient if grad is not None) > 0.001
    for one, other in zip(gradient, found, strict=True):
        assert (one is None) == (other is None)
        if one is not None:
            torch.testing.assert_close(other, one, rtol=1e-4, atol=1e-6)


def test_no_part_is_wider_than_its_longest_text(bert: Path) -> None:
    transformer = loaded(bert)
    widths: list[tuple[int, int]] = []
    first: Any = transformer[0]
    forward = first.forward

    def watched(features: dict[str, Any], **options: Any) -> dict[str, Any]:
        mask = features["attention_mask"]
        widths.append((int(mask.sum(dim=1).max()), mask.shape[1]))
        result: dict[str, Any] = forward(features, **options)
        return result

    features = transformer.preprocess(TEXTS)
    LengthChunks(watched)(features)
    assert len(widths) == 2
    assert [longest for longest, _ in widths] == [width for _, width in widths]
    assert widths == sorted(widths)


def test_nothing_is_left_behind(base: Path, bert: Path) -> None:
    for path in (base, bert):
        transformer = loaded(path)
        before = dict(transformer[0].__dict__)
        with spared(transformer):
            pass
        assert transformer[0].__dict__ == before
