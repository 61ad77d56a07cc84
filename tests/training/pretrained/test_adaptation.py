import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from mundap.index.encoders.pretrained import PretrainedEncoder
from mundap.index.encoders.shipped import SHIPPED_DIRECTORY
from mundap.training.bases import e5, vocabulary
from mundap.training.bases.base_file import Base
from mundap.training.bases.bert import make_bert, make_tokenizer
from mundap.training.pretrained import adaptation
from mundap.training.pretrained import build as building
from mundap.training.pretrained.export import export
from mundap.training.pretrained.loss import both_ways, targets_of
from mundap.training.pretrained.plan import Plan
from mundap.training.pretrained.reading import Reading, late_scores
from mundap.training.pretrained.vectors import Vectors, ranks_of
from mundap.training.pretrained.visitors import Asked, Sources
from mundap.training.pretrained.visits import Batch
from tests.training.pretrained.small_base import SHOP, base_bytes

PLAN = Plan(steps=3, every=1)


def test_several_right_entries_share_the_target() -> None:
    batch = Batch((Asked("a", (0,)), Asked("b", (0, 1))), ("x", "y"))
    assert targets_of(batch).tolist() == [[1.0, 0.0], [0.5, 0.5]]


def test_the_loss_worked_by_hand() -> None:
    logits = torch.tensor([[math.log(3), 0.0], [0.0, math.log(7)]])
    # From query to passage 3/4 and 7/8 are right, and from passage to query as many.
    wanted = -(math.log(3 / 4) + math.log(7 / 8)) / 2
    assert float(both_ways(logits, torch.eye(2))) == pytest.approx(wanted)


def test_late_interaction_worked_by_hand() -> None:
    x, y = torch.tensor([1.0, 0.0]), torch.tensor([0.0, 1.0])
    queries = [torch.stack([x, y]), torch.stack([x])]
    passages = [torch.stack([x]), torch.stack([y, (x + y) / 2**0.5])]
    wanted = torch.tensor([[0.5, (1 + 0.5**0.5) / 2], [1.0, 0.5**0.5]])
    torch.testing.assert_close(late_scores(queries, passages), wanted)


def test_of_equal_scores_the_right_one_comes_last() -> None:
    scores = torch.tensor([[0.5, 0.5, 0.1], [0.9, 0.2, 0.1]])
    assert ranks_of(scores, torch.tensor([0, 1])).tolist() == [2, 2]


def test_the_rate_rises_then_falls_to_its_last_share() -> None:
    plan = Plan(steps=100, warm_up=10, rate=2.0)
    assert plan.rate_at(0) == pytest.approx(2 / 10)
    assert plan.rate_at(9) == plan.rate_at(10) == 2
    assert plan.rate_at(100) == pytest.approx(2 * plan.last_rate)


def test_eight_bits_keep_what_the_bert_computes(tmp_path: Path) -> None:
    base = Base(base_bytes())
    bert = make_bert(base.sizes, base.weights(), dropout=0.1)
    tokenizer = make_tokenizer(base.pieces, base.sizes.unk)
    texts = ["환불은 언제 되나요?", "배송비"]
    export(bert, tokenizer, tmp_path / "encoder", {"steps": 0}, texts)
    encoder = PretrainedEncoder.load(tmp_path / "encoder")
    for text, found in zip(texts, encoder.read_passages(texts), strict=True):
        ids = torch.tensor([tokenizer.encode(f"passage: {text}").ids])
        with torch.inference_mode():
            states = bert(input_ids=ids).last_hidden_state[0]
        wanted = torch.nn.functional.normalize(states, dim=1)[3:-1].numpy()
        assert (found.pieces * wanted).sum(axis=1).min() > 0.99
        pooled = torch.nn.functional.normalize(states.mean(dim=0), dim=0).numpy()
        assert found.vector @ pooled > 0.995


def test_a_run_writes_an_encoder_with_its_curve_and_the_same_bytes_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(e5, "kept_rows", lambda pieces: list(range(len(pieces))))
    sources = Sources([SHOP], SHOP, [replace(SHOP, name="kept")])
    base = Base(base_bytes())
    for name in ("one", "other"):
        building.build(PLAN, base, sources, tmp_path / name)
    one, other = (PretrainedEncoder.load(tmp_path / name) for name in ("one", "other"))
    assert one.fingerprint == other.fingerprint
    lines = (tmp_path / "one.curve.csv").read_text(encoding="utf-8").splitlines()
    assert [line.partition(",")[0] for line in lines] == ["step", "0.0", "1", "2", "3"]
    bert, _ = e5.cut_base(base, 0.0)
    trained = PretrainedEncoder.load(tmp_path / "one").encode(["환불"])
    export(bert, e5.cut_base(base, 0.0)[1], tmp_path / "base", {}, ["환불"])
    assert abs(trained - PretrainedEncoder.load(tmp_path / "base").encode(["환불"])).max() > 1e-4


@pytest.mark.parametrize("stopped", [1, 3])
def test_a_run_that_was_stopped_goes_on_and_ends_with_the_same_bytes(
    stopped: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class StoppedError(Exception):
        """Stands for a kill."""

    monkeypatch.setattr(e5, "kept_rows", lambda pieces: list(range(len(pieces))))
    monkeypatch.setattr(adaptation, "EVERY", 1)
    sources = Sources([SHOP], SHOP, [replace(SHOP, name="kept")])
    base, batches, clip = Base(base_bytes()), 0, adaptation.clip_grad_norm_

    def counted(*given: Any) -> None:
        nonlocal batches
        batches += 1
        if batches == stopped:
            raise StoppedError("as by a kill")
        clip(*given)

    building.build(PLAN, base, sources, tmp_path / "whole")
    monkeypatch.setattr(adaptation, "clip_grad_norm_", counted)
    with pytest.raises(StoppedError, match="as by a kill"):
        building.build(PLAN, base, sources, tmp_path / "stopped")
    building.build(PLAN, base, sources, tmp_path / "stopped")

    # The batch it was stopped in is the only one that was read twice.
    assert batches == 1 + PLAN.steps
    whole, other = (PretrainedEncoder.load(tmp_path / name) for name in ("whole", "stopped"))
    assert whole.fingerprint == other.fingerprint
    assert [path.name for path in tmp_path.glob(".*")] == []
    for curve in tmp_path.glob("whole.*"):
        same = tmp_path / curve.name.replace("whole", "stopped")
        assert curve.read_bytes() == same.read_bytes()


def test_what_another_run_or_a_full_disk_left_is_not_gone_on_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(e5, "kept_rows", lambda pieces: list(range(len(pieces))))
    sources = Sources([SHOP], SHOP, [replace(SHOP, name="kept")])
    base = Base(base_bytes())
    building.build(PLAN, base, sources, tmp_path / "wanted")
    for name, plan, moved in (("plan", replace(PLAN, decay=0.5), 0.0), ("beginning", PLAN, 1.0)):
        aim = Vectors(Reading(*e5.cut_base(base, plan.dropout)))
        with torch.no_grad():
            aim.reading.bert.encoder.layer[0].output.dense.bias += moved
        curve = tmp_path / f"{name}.curve.csv"
        adaptation.adapt(plan, aim, sources, curve, lambda done, of: None)
        assert (tmp_path / f".{curve.name}.state").exists()
    (tmp_path / ".full.curve.csv.state").write_bytes(b"PK\x03\x04 cut short")

    names = ("wanted", "plan", "beginning", "full")
    for name in names[1:]:
        building.build(PLAN, base, sources, tmp_path / name)

    assert len({PretrainedEncoder.load(tmp_path / name).fingerprint for name in names}) == 1


def test_only_pieces_of_the_shipped_tokenizer_are_kept() -> None:
    pieces = [("<s>", 0.0), ("▁배송", -9.0), ("▁никогдаэтого", -9.5), ("<unk>", 0.0)]
    assert vocabulary.kept_rows(pieces, SHIPPED_DIRECTORY / "tokenizer.json") == [0, 1, 3]
