import math
from collections.abc import Sequence
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
from mundap.training.pretrained import adaptation, judgement
from mundap.training.pretrained import build as building
from mundap.training.pretrained.average import mean_of
from mundap.training.pretrained.export import export
from mundap.training.pretrained.judgement import Judgement
from mundap.training.pretrained.loss import both_ways, targets_of
from mundap.training.pretrained.plan import Plan
from mundap.training.pretrained.reading import Reading, late_scores
from mundap.training.pretrained.vectors import Vectors, ranks_of
from mundap.training.pretrained.visitors import Asked, Sources
from mundap.training.pretrained.visits import Batch
from tests.training.pretrained.small_base import SHOP, base_bytes

PLAN = Plan(steps=3, judge_steps=2, every=1)


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
    plan = Plan(steps=100, warm_up=10)
    assert plan.share_at(0) == pytest.approx(1 / 10)
    assert plan.share_at(9) == plan.share_at(10) == 1
    assert plan.share_at(100) == pytest.approx(plan.last_rate)


def test_the_mean_of_trainings_is_that_of_each_weight() -> None:
    one = {"a": torch.tensor([0.0, 2.0]), "b": torch.tensor([[1.0]])}
    other = {"a": torch.tensor([1.0, 4.0]), "b": torch.tensor([[-3.0]])}
    found = {name: value.tolist() for name, value in mean_of([one, other]).items()}
    assert found == {"a": [0.5, 3.0], "b": [[-1.0]]}


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


def test_what_ships_judges_a_query_and_a_passage_as_it_learned_to(tmp_path: Path) -> None:
    base = Base(base_bytes())
    bert = make_bert(base.sizes, base.weights(), dropout=0.0)
    reading = Reading(bert, make_tokenizer(base.pieces, base.sizes.unk))
    torch.nn.init.normal_(reading.verdict.weight, generator=torch.Generator().manual_seed(3))
    pairs = [("환불은 언제 되나요?", "배송비 얼마"), ("돈" * 20, "택배값" * 8), ("", "")]
    texts = [text for pair in pairs for text in pair]
    tokenizer = make_tokenizer(base.pieces, base.sizes.unk)
    export(bert, tokenizer, tmp_path / "judge", {}, texts, judge=reading)
    export(bert, tokenizer, tmp_path / "other", {}, texts)
    judge, other = (PretrainedEncoder.load(tmp_path / name) for name in ("judge", "other"))

    with torch.inference_mode():
        wanted = reading.together(pairs).tolist()

    assert [judge.verdict(*pair) for pair in pairs] == pytest.approx(wanted, abs=0.1)
    assert max(wanted) - min(wanted) > 1
    assert [other.verdict(*pair) for pair in pairs] == [0.0] * 3


def test_a_query_is_told_its_passage_among_the_nearest_or_that_it_is_not_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Told(Reading):
        """Finds that a pair fits by how it is written down here."""

        def together(self, pairs: Sequence[tuple[str, str]], most: int = 0) -> torch.Tensor:
            self.pairs = list(pairs)
            return torch.tensor([{"a": 1.0, "b": 2.0, "c": 0.0}[passage] for _, passage in pairs])

    near = {"x": ["a", "b"], "y": ["a", "b"], "beside": ["b", "c"]}
    rows = {"a": 0, "b": 1, "c": 2}

    def nearest(
        self: Judgement, texts: Sequence[str], passages: Sequence[str], count: int
    ) -> list[list[int]]:
        assert (passages, count) == (("a", "b", "c"), 2)
        return [[rows[passage] for passage in near[text]] for text in texts]

    base = Base(base_bytes())
    told = Told(make_bert(base.sizes, base.weights(), 0.0), make_tokenizer(base.pieces, 3))
    monkeypatch.setattr(judgement, "NEAREST", 2)
    monkeypatch.setattr(Judgement, "_nearest", nearest)
    asked = (Asked("x", (0,)), Asked("y", (2,)), Asked("both", (0, 1)))

    loss = Judgement(told).loss(PLAN, told, Batch(asked, ("a", "b", "c"), ("beside",)))

    # Of x the first is right; of y, and of what is beside the point, none of the two that are read.
    e = math.e
    shares = {"x": e / (e + e**2 + 1), "y": 1 / (e + e**2 + 1), "beside": 1 / (e**2 + 1 + 1)}
    assert sorted(told.pairs) == sorted((text, near_) for text in near for near_ in near[text])
    assert float(loss) == pytest.approx(-sum(map(math.log, shares.values())) / 3)


def test_near_is_what_the_vectors_say_and_a_figure_is_how_right_and_wrong_are_parted() -> None:
    class Sure(Reading):
        """Says of a pair how often the first letter of the query stands in the passage."""

        def together(self, pairs: Sequence[tuple[str, str]], most: int = 0) -> torch.Tensor:
            return torch.tensor([float(passage.count(query[0])) for query, passage in pairs])

    base = Base(base_bytes())
    sure = Sure(make_bert(base.sizes, base.weights(), 0.0), make_tokenizer(base.pieces, 3))
    aim = Judgement(sure)
    assert aim._nearest(["배송비는 얼마인가요? 택배값."], SHOP.passages, 5) == [[0, 1]]
    assert aim._nearest(["환불은 언제 되나요? 돈 줘."], SHOP.passages, 1) == [[1]]

    # Two right ones that it says 2 and 1 of, and a wrong one that it says 1 of.
    first, second = SHOP.passages
    asked = (Asked(first, (0,)), Asked(second, (1,)), Asked(second, (0,)))
    assert aim.figures(sure, [replace(SHOP, queries=asked)]) == {"verdict": 0.75}


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
    for curve in ("curve-2", "curve-3", "judge"):
        lines = (tmp_path / f"one.{curve}.csv").read_text(encoding="utf-8").splitlines()
        steps = ["1", "2", "3"] if curve != "judge" else ["1", "2"]
        assert [line.partition(",")[0] for line in lines] == ["step", "0.0", *steps]
    bert, _ = e5.cut_base(base, 0.0)
    trained = PretrainedEncoder.load(tmp_path / "one").encode(["환불"])
    export(bert, e5.cut_base(base, 0.0)[1], tmp_path / "base", {}, ["환불"])
    assert abs(trained - PretrainedEncoder.load(tmp_path / "base").encode(["환불"])).max() > 1e-4


@pytest.mark.parametrize("stopped", [1, 3, 5, 8])
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
    assert batches == 1 + PLAN.steps * len(PLAN.seeds) + PLAN.judge_steps
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
    for plan, curve in (
        (replace(PLAN, decay=0.5), "curve-2"),
        # That of a judge which began with other vectors.
        (replace(PLAN, steps=PLAN.judge_steps), "judge"),
    ):
        reading = Reading(*e5.cut_base(base, PLAN.dropout))
        aim = Judgement(reading) if curve == "judge" else Vectors()
        building.learned(plan, 2, aim, reading, sources, tmp_path / f"other.{curve}.csv")
    (tmp_path / ".other.curve-3.csv.state").write_bytes(b"PK\x03\x04 cut short")

    building.build(PLAN, base, sources, tmp_path / "other")

    wanted, other = (PretrainedEncoder.load(tmp_path / name) for name in ("wanted", "other"))
    assert wanted.fingerprint == other.fingerprint


def test_only_pieces_of_the_shipped_tokenizer_are_kept() -> None:
    pieces = [("<s>", 0.0), ("▁배송", -9.0), ("▁никогдаэтого", -9.5), ("<unk>", 0.0)]
    assert vocabulary.kept_rows(pieces, SHIPPED_DIRECTORY / "tokenizer.json") == [0, 1, 3]
