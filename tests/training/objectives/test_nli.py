from pathlib import Path

import pytest

from mundap.training.data.pairs import Pair, PairError
from mundap.training.data.sentence_pairs import NliPair, SentenceSplit, read_nli
from mundap.training.data.sources import Sources
from mundap.training.data.split import Split
from mundap.training.fit.trainer import train
from mundap.training.modules.base import load_base
from mundap.training.objectives.mnrl import Mnrl
from mundap.training.objectives.nli import Nli
from tests.training.sentences import nli_rows, write_nli
from tests.training.small_base import configured, record

ROWS = [NliPair(*row) for row in nli_rows()]
FIRST = [("다", "라", "neutral")]
EASY = SentenceSplit(ROWS, {"easy": ROWS}, [])


def test_the_classifier_learns_the_labels(base: Path, tmp_path: Path) -> None:
    config = configured(base, epochs=12, batch_size=6, patience=12)
    history = record(train(EASY, config, tmp_path / "encoder", Nli()))["history"]
    assert history[-1]["loss"] < history[1]["loss"]
    assert max(row["accuracy"] for row in history) > history[0]["accuracy"] + 0.3


def test_a_transformer_learns_it_too(bert: Path, tmp_path: Path) -> None:
    config = configured(bert, epochs=8, learning_rate=1e-2, max_seq_length=32, patience=8)
    history = record(train(EASY, config, tmp_path / "encoder", Nli()))["history"]
    assert history[-1]["loss"] < history[1]["loss"]
    assert max(row["accuracy"] for row in history) > history[0]["accuracy"] + 0.2


def test_several_data_sets_are_reported_separately(base: Path) -> None:
    transformer = load_base(str(base), pooling=None, max_seq_length=32)
    split = SentenceSplit(ROWS, {"kor": ROWS[:6], "klue": ROWS[6:]}, [])
    lesson = Nli().lesson(transformer, split, seed=0)
    assert lesson.evaluator is not None
    figures = lesson.evaluator(transformer)
    assert isinstance(figures, dict)
    assert list(figures) == ["accuracy", "kor/accuracy", "klue/accuracy"]
    together = (6 * figures["kor/accuracy"] + 12 * figures["klue/accuracy"]) / 18
    assert figures["accuracy"] == pytest.approx(together)


def test_a_share_of_every_label_is_held_out(tmp_path: Path) -> None:
    labels = ("entailment", "neutral", "contradiction")
    rows = [(f"전제 {n}", f"가설 {n}", labels[n % 3]) for n in range(300)]
    path = write_nli(tmp_path / "nli.parquet", rows)
    split = Nli().read(Sources((path,)), configured(tmp_path, development=0.1))
    assert sorted(pair.label for pair in split.held_out) == sorted(labels * 10)
    assert {*split.pairs, *split.held_out} == set(read_nli(path))


def test_as_triplets_what_contradicts_a_premise_is_its_hard_negative(tmp_path: Path) -> None:
    rows = [
        ("비가 온다", "땅이 젖는다", "entailment"),
        ("비가 온다", "해가 쨍쨍하다", "contradiction"),
        ("비가 온다", "우산이 있다", "neutral"),
        ("비가  온다", "물이 떨어진다", "entailment"),
        ("눈이 온다", "하얗다", "entailment"),
        ("바람이 분다", "고요하다", "contradiction"),
    ]
    path = write_nli(tmp_path / "nli.csv", rows)
    split = Mnrl(negatives=1).read(Sources((path,)), configured(tmp_path, development=0.0))
    assert split.pairs == [
        Pair("비가 온다", "땅이 젖는다", "비가 온다", ("해가 쨍쨍하다",)),
        Pair("비가 온다", "물이 떨어진다", "비가 온다", ("해가 쨍쨍하다",)),
        Pair("눈이 온다", "하얗다", "눈이 온다", ()),
    ]


def test_triplets_learn(base: Path, tmp_path: Path) -> None:
    path = write_nli(tmp_path / "nli.csv")
    config = configured(base, epochs=6, development=0.0)
    split = Mnrl().read(Sources((path,)), config)
    assert isinstance(split, Split)
    history = record(train(split, config, tmp_path / "encoder", Mnrl(negatives=1)))["history"]
    assert history[-1]["loss"] < history[0]["loss"]


def test_triplets_need_something_entailed(tmp_path: Path) -> None:
    rows = [(premise, text, label) for premise, text, label in nli_rows() if label == "neutral"]
    path = write_nli(tmp_path / "nli.csv", rows)
    with pytest.raises(PairError, match=r"nli\.csv: no row is labelled entailment, so there is no"):
        Mnrl().read(Sources((path,)), configured(tmp_path))


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        (
            [("가", "나", "maybe"), ("다", "라", "neutral")],
            "row 2: label 'maybe'; wanted entailment",
        ),
        (
            [("가", " ", "neutral"), ("다", "라", "neutral")],
            "row 2: premise or hypothesis is empty",
        ),
        ([("가", "나", "neutral")], "1 pairs; wanted at least 2"),
    ],
)
def test_bad_rows_are_named(rows: list[tuple[str, str, str]], reason: str, tmp_path: Path) -> None:
    path = write_nli(tmp_path / "nli.csv", rows)
    with pytest.raises(PairError, match=reason):
        Nli().read(Sources((path,)), configured(tmp_path))


def test_one_label_is_nothing_to_tell_apart(base: Path, tmp_path: Path) -> None:
    split = SentenceSplit([pair for pair in ROWS if pair.label == "neutral"], None, [])
    with pytest.raises(PairError, match="have 1 different labels; wanted at least 2 of entailment"):
        train(split, configured(base), tmp_path / "e", Nli())
