from pathlib import Path

import pytest
import torch

from mundap.index.encoders.encoder import EncoderError
from mundap.training.bases import shipped_weights
from mundap.training.bases.base_file import Base
from mundap.training.bases.bert import make_bert
from mundap.training.bases.shipped_weights import read_shipped
from tests.training.pretrained.small_base import HEADS, HIDDEN, LAYERS, base_bytes


def test_what_eight_bits_kept_is_the_bert_again(eight_bits: Path) -> None:
    base = Base(base_bytes())
    before = make_bert(base.sizes, base.weights(), dropout=0.0)
    after, tokenizer = read_shipped(eight_bits, dropout=0.0)
    assert (after.config.num_hidden_layers, after.config.num_attention_heads) == (LAYERS, HEADS)
    assert after.config.layer_norm_eps == pytest.approx(1e-12)
    ids = torch.tensor([tokenizer.encode("query: 환불은 언제 되나요?").ids])
    with torch.inference_mode():
        one, other = (bert(input_ids=ids).last_hidden_state[0] for bert in (before, after))
    assert torch.cosine_similarity(one, other).min() > 0.999


def test_every_weight_lies_within_half_a_step_of_what_it_was(eight_bits: Path) -> None:
    base = Base(base_bytes())
    before = make_bert(base.sizes, base.weights(), dropout=0.0).state_dict()
    found = read_shipped(eight_bits, dropout=0.0)[0].state_dict()
    divided = ("attention.self.value", "attention.output.dense")
    for name, weight in before.items():
        if "embeddings" in name or name.endswith("bias") or any(one in name for one in divided):
            continue
        # A step is that of the largest weight of a row, and wider where its column was divided.
        assert (found[name] - weight).abs().max() < 0.05 * weight.abs().max(), name


def test_values_and_what_reads_them_are_the_same_product(eight_bits: Path) -> None:
    """The divisors between them are folded away: only the product of both is known."""
    base = Base(base_bytes())
    before = make_bert(base.sizes, base.weights(), dropout=0.0).encoder.layer[0].attention
    after = read_shipped(eight_bits, dropout=0.0)[0].encoder.layer[0].attention
    size = HIDDEN // HEADS
    for head in range(HEADS):
        columns = slice(head * size, (head + 1) * size)
        one, other = (
            part.output.dense.weight[:, columns] @ part.self.value.weight[columns]
            for part in (before, after)
        )
        torch.testing.assert_close(other, one, atol=0.02 * float(one.detach().abs().max()), rtol=0)
    values, outer = after.self.value.weight, after.output.dense.weight
    torch.testing.assert_close(values.norm(dim=1), outer.norm(dim=0), rtol=1e-4, atol=0)


def test_without_the_library_the_command_that_brings_it_is_named(
    eight_bits: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shipped_weights, "find_spec", lambda name: None)
    with pytest.raises(EncoderError, match=r"needs onnx, .* Install it: pip install onnx"):
        read_shipped(eight_bits, dropout=0.0)


def test_a_changed_file_is_refused(eight_bits: Path, tmp_path: Path) -> None:
    for file in eight_bits.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / "scales.npy").write_bytes(b"")
    with pytest.raises(EncoderError, match=r"scales\.npy: its SHA-256 is \w+, but config\.json"):
        read_shipped(tmp_path, dropout=0.0)
