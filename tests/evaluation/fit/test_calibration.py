from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from mundap.evaluation.fit.calibration import FEWEST, CalibrationConfig, fit_confidence
from mundap.evaluation.fit.fitted import OUT_OF_SCOPE_SUGGESTED, suggest_threshold
from mundap.evaluation.fit.judged import Judged
from mundap.evaluation.fit.log_odds import fit_log_odds
from mundap.evaluation.fit.reduction import own_phrasings
from mundap.evaluation.queries import Query
from mundap.index.faq.entry import FaqEntry
from mundap.index.faq.passages.passages import Passages
from mundap.index.query.query_layer import Reading
from mundap.index.search.confidence import EVIDENCE, Confidence
from mundap.index.search.evidence import SHOWN, Evidence
from mundap.index.search.hit import Hit
from mundap.index.search.ranking import Ranking
from mundap.index.search.retriever import Retriever
from tests.tiny_encoder import TinyEncoder, TinyReader

RIGHT, WRONG = FaqEntry("right", "맞는 질문", "맞는 답"), FaqEntry("wrong", "틀린 질문", "틀린 답")

USUAL = Confidence.usual(content=False)


class ScriptedRetriever:
    """Answers query "12" with the evidence in row 12 and the right entry where that is said."""

    encoder = SimpleNamespace(fingerprint="scripted")
    content = None
    passages = Passages.of([RIGHT, WRONG])

    def __init__(self, evidence: NDArray[np.float64], correct: NDArray[np.bool_]) -> None:
        self.evidence, self.correct = evidence, correct

    def usual_confidence(self) -> Confidence:
        return Confidence.usual(content=self.content is not None)

    def rank(self, queries: Sequence[str], k: int) -> list[Ranking]:
        assert k == SHOWN
        return [self._rank_one(int(query), query) for query in queries]

    def _rank_one(self, row: int, query: str) -> Ranking:
        entry = RIGHT if self.correct[row] else WRONG
        evidence = Evidence(*self.evidence[row].tolist())
        hit = Hit(entry, entry.question, evidence.closeness)
        return Ranking(Reading(query, ()), (hit,), evidence)


def synthetic(inside: int, outside: int, seed: int = 0) -> ScriptedRetriever:
    """Script queries in scope and then others; the higher they score, the likelier right."""
    rng = np.random.default_rng(seed)
    count = inside + outside
    scores = rng.uniform(0.1, 1.0, count) - np.where(np.arange(count) < inside, 0, 0.25)
    leads = rng.uniform(0, 0.5, count) * scores
    lengths = np.log1p(rng.integers(1, 30, count))
    evidence = np.column_stack([scores, leads, lengths])
    logits = 12 * scores + 6 * leads + 0.5 * lengths - 8
    correct = rng.uniform(size=count) < 1 / (1 + np.exp(-logits))
    return ScriptedRetriever(evidence, correct & (np.arange(count) < inside))


def fit(retriever: ScriptedRetriever, inside: int, **config: Any) -> Confidence:
    """Fit on the first `inside` queries in scope and the others out of it."""
    texts = [str(row) for row in range(len(retriever.correct))]
    queries = [Query(f"q{text}", text, "right") for text in texts[:inside]]
    return fit_confidence(
        retriever,  # type: ignore[arg-type]
        queries=queries,
        out_of_scope=texts[inside:],
        config=CalibrationConfig(**config),
    )


def probabilities(confidence: Confidence, evidence: NDArray[np.float64]) -> list[float]:
    return [confidence.probability(Evidence(*row)) for row in evidence.tolist()]


@pytest.mark.parametrize("share", [None, 0.2, 0.5, 0.9])
def test_both_models_are_fitted_on_queries_weighted_by_the_share_of_their_kind(
    share: float | None,
) -> None:
    retriever = synthetic(300, 100)

    confidence = fit(retriever, 300, in_scope_share=share)

    inside = np.arange(400) < 300
    # Each query in scope weighs so much that together they are the share; None is 300 of 400.
    expected_share = share or 0.75
    weights = 400 * np.where(inside, expected_share / 300, (1 - expected_share) / 100)
    evidence = np.zeros((400, len(EVIDENCE)))
    evidence[:, :3] = retriever.evidence
    # Of one hit, the first is right where one that is shown is.
    assert confidence.first == fit_log_odds(evidence, retriever.correct, weights, USUAL.first)
    assert confidence.shown == fit_log_odds(evidence, retriever.correct, weights, USUAL.shown)
    assert confidence.fit["in_scope_share"] == expected_share


@pytest.mark.parametrize("share", [0.1, 0.5, 0.8])
def test_the_mean_probability_is_the_share_right_among_visitors(share: float) -> None:
    """A logistic model promises that on the queries that it was fitted on, weighted as then."""
    retriever = synthetic(300, 200)

    fitted = fit(retriever, 300, in_scope_share=share)

    found = np.array(probabilities(fitted, retriever.evidence))
    mean = share * found[:300].mean() + (1 - share) * found[300:].mean()
    assert mean == pytest.approx(share * retriever.correct[:300].mean(), abs=1e-4)


def test_the_more_visitors_ask_in_scope_the_surer_an_answer_is() -> None:
    retriever = synthetic(300, 200)

    fits = [fit(retriever, 300, in_scope_share=share) for share in (0.1, 0.5, 0.9)]

    few, half, most = (np.mean(probabilities(each, retriever.evidence)) for each in fits)
    assert few < half < most


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 0.5), st.floats(0, 4))
@settings(max_examples=50)
def test_probabilities_never_fall_as_the_score_rises(
    one: float, other: float, lead: float, length: float
) -> None:
    low, high = sorted((one, other))

    below, above = probabilities(FITTED, np.array([[low, lead, length], [high, lead, length]]))

    assert below <= above


FITTED = fit(synthetic(300, 100), 300)


def test_thresholds_are_the_target_and_what_few_strangers_reach() -> None:
    retriever = synthetic(400, 400)

    fitted = fit(retriever, 400, target_accuracy=0.8)

    assert fitted.answer == fitted.fit["target_accuracy"] == 0.8
    assert fit(retriever, 400).answer == USUAL.answer
    # On the very queries; the fit chose by queries held out of it.
    reached = np.array(probabilities(fitted, retriever.evidence[400:])) >= fitted.suggest
    assert reached.mean() == pytest.approx(OUT_OF_SCOPE_SUGGESTED, abs=0.03)


def test_suggestions_never_need_less_than_a_tenth_nor_what_answers_need() -> None:
    hopeless = synthetic(100, 100)
    hopeless.evidence[100:] = hopeless.evidence[:100]
    separate = synthetic(100, 100)
    separate.evidence[100:, 0] -= 5

    careless, careful = (fit(hopeless, 100, target_accuracy=each) for each in (0.15, 0.95))
    assert careless.suggest == careful.suggest > 0.15
    assert fit(separate, 100).suggest == 0.1


def test_the_threshold_of_suggestions_worked_by_hand() -> None:
    # Of ten alike, three may reach it; where the fourth is as likely as others, those neither.
    ten = np.array([0.9, 0.1, 0.8, 0.2, 0.7, 0.3, 0.6, 0.4, 0.5, 0.0])
    alike = np.full(10, 4.0)
    assert (ten >= suggest_threshold(ten, alike)).sum() == 3
    level = np.minimum(ten, 0.6)
    assert (level >= suggest_threshold(level, alike)).sum() == 0
    tied = np.where(ten == 0.6, 0.7, ten)
    assert (tied >= suggest_threshold(tied, alike)).sum() == 2


@given(
    arrays(np.float64, st.integers(1, 40), elements=st.floats(0, 0.999)),
    st.integers(0, 1_000),
)
def test_no_more_than_three_in_ten_strangers_reach_suggestions_and_no_fewer_than_may(
    found: NDArray[np.float64], seed: int
) -> None:
    weights = np.random.default_rng(seed).choice([0.5, 1.0, 2.0], len(found))

    threshold = suggest_threshold(found, weights)

    share = weights[found >= threshold].sum() / weights.sum()
    assert share <= OUT_OF_SCOPE_SUGGESTED + 1e-9
    next_lower = found[found < threshold].max()
    assert weights[found >= next_lower].sum() / weights.sum() > OUT_OF_SCOPE_SUGGESTED - 1e-9


def test_a_fit_says_what_it_was_fitted_on_and_how_it_fared() -> None:
    fitted = fit(synthetic(300, 100), 300, in_scope_share=0.6, seed=4, target_accuracy=0.85)

    about = dict(fitted.fit)
    shares = {name: about.pop(name) for name in list(about) if name in FARED}
    assert about == {
        "in_scope": "given",
        "out_of_scope": "given",
        "n_in_scope": 300,
        "n_out_of_scope": 100,
        "seed": 4,
        "target_accuracy": 0.85,
        "in_scope_share": 0.6,
    }
    assert set(shares) == FARED
    for name in FARED - {"auroc_scope", "auroc_correct"}:
        mean, low, high = shares[name]
        assert 0 <= low <= mean <= high <= 1
    assert shares["answers_right"][0] > 0.8
    assert shares["out_of_scope_answered"][0] < shares["in_scope_answered"][0]
    assert 0.6 < shares["auroc_scope"] < 1
    assert fitted.encoder == "scripted"


FARED = {
    "in_scope_answered",
    "answers_right",
    "out_of_scope_answered",
    "auroc_scope",
    "auroc_correct",
}


def test_the_same_queries_give_the_same_fit() -> None:
    assert fit(synthetic(200, 100), 200) == fit(synthetic(200, 100), 200)


@pytest.mark.parametrize(("inside", "outside"), [(FEWEST - 1, 80), (80, FEWEST - 1), (0, 0)])
def test_too_few_queries_give_the_default_fit_and_the_reason(inside: int, outside: int) -> None:
    # What is not given comes from the FAQ itself, which here has two entries of one phrasing.
    entries = [FaqEntry("a", "환불 되나요", "네"), FaqEntry("b", "배송비 얼마", "3,000원")]
    queries = [Query(f"q{n}", f"환불 {n}", "a") for n in range(inside)]

    found = fit_confidence(
        Retriever.build(TinyEncoder(), entries),
        queries=queries,
        out_of_scope=[f"우주 {n}" for n in range(outside)],
        config=CalibrationConfig(target_accuracy=0.8),
    )

    assert (found.first, found.shown) == (USUAL.first, USUAL.shown)
    assert (found.answer, found.suggest, found.encoder) == (0.8, USUAL.suggest, "")
    assert found.fit["reason"] == "Fewer than 50 queries in scope or out of scope to fit on."


@pytest.mark.parametrize("right", [0, 4])
def test_where_hardly_any_hit_is_right_there_is_nothing_to_fit_on(right: int) -> None:
    retriever = synthetic(100, 100)
    retriever.correct[:] = np.arange(200) < right

    found = fit(retriever, 100)

    assert found.fit["reason"] == "Fewer than 5 queries whose best hit is right to fit on."
    assert found.first == USUAL.first


def shop(entries: int = 40) -> list[FaqEntry]:
    """Return entries of three phrasings that resemble one another, each with a word of its own."""
    names = [a + b for a in "가나다라마바사" for b in "카타파하자차"][:entries]
    return [
        FaqEntry(name, f"{name} 환불", f"{name}의 답", (f"{name} 환불 되나요", f"환불 {name} 언제"))
        for name in names
    ]


def test_a_faq_is_fitted_on_its_own_phrasings_left_out() -> None:
    retriever = Retriever.build(TinyEncoder(dimension=512), shop())

    found = fit_confidence(retriever)

    assert {name: found.fit[name] for name in ("in_scope", "out_of_scope", "in_scope_share")} == {
        "in_scope": "phrasings left out",
        "out_of_scope": "answers left out",
        "in_scope_share": 0.5,
    }
    assert (found.fit["n_in_scope"], found.fit["n_out_of_scope"]) == (120, 120)
    assert found.encoder == "tiny-1"
    in_scope, out_of_scope = own_phrasings(retriever)
    mean = np.mean(probabilities(found, in_scope.evidence)) / 2
    mean += np.mean(probabilities(found, out_of_scope.evidence)) / 2
    assert mean == pytest.approx(in_scope.correct.mean() / 2, abs=1e-4)


def test_queries_far_from_any_faq_have_half_the_weight_beside_answers_left_out() -> None:
    retriever = Retriever.build(TinyEncoder(dimension=512), shop())
    far = ["우주 정거장", "오늘 날씨", "asdf qwer", "김치찌개 끓이는 법"]

    found = fit_confidence(retriever, far=far, config=CalibrationConfig(in_scope_share=0.4))

    assert found.fit["n_out_of_scope"] == 120 + 4
    in_scope, near = own_phrasings(retriever)
    kinds = (in_scope, near, Judged.out_of_scope(retriever, far))
    means = [np.mean(probabilities(found, kind.evidence)) for kind in kinds]
    mean = float(np.dot([0.4, 0.3, 0.3], means))
    assert mean == pytest.approx(0.4 * in_scope.correct.mean(), abs=1e-4)


def test_given_queries_take_the_place_of_the_faqs_own() -> None:
    entries = shop()
    retriever = Retriever.build(TinyEncoder(dimension=512), entries)
    queries = [Query(e.entry_id, f"{e.entry_id} 환불요", e.entry_id) for e in entries]
    strangers = [f"{n}번 손님" for n in range(FEWEST)]

    def sources(queries: list[Query], strangers: list[str]) -> list[Any]:
        fit = fit_confidence(retriever, queries=queries, out_of_scope=strangers).fit
        names = ("in_scope", "n_in_scope", "out_of_scope", "n_out_of_scope", "in_scope_share")
        return [fit[name] for name in names]

    left_out, without = "phrasings left out", "answers left out"
    many = [*queries, *queries[:20]]
    assert sources(many, strangers) == ["given", 60, "given", 50, round(60 / 110, 4)]
    assert sources(many, strangers[1:]) == ["given", 60, without, 120, 0.5]
    assert sources(queries, strangers) == [left_out, 120, "given", 50, 0.5]


def test_far_queries_do_not_count_beside_given_ones() -> None:
    retriever, far = Retriever.build(TinyEncoder(dimension=512), shop()), ["우주 정거장"]
    strangers = [f"{n}번 손님" for n in range(FEWEST)]

    assert fit_confidence(retriever, out_of_scope=strangers, far=far) == fit_confidence(
        retriever, out_of_scope=strangers
    )


@pytest.mark.parametrize("name", ["target_accuracy", "in_scope_share"])
@pytest.mark.parametrize("value", [0.0, 1.0, -0.5, 1.5, float("nan")])
def test_shares_of_nothing_or_everything_are_refused(name: str, value: float) -> None:
    with pytest.raises(ValueError, match=f"{name} is {value}; wanted above 0 and below 1"):
        CalibrationConfig(**{name: value})


def test_what_a_pretrained_encoder_reads_stays_usual_until_queries_are_given() -> None:
    entries = [
        FaqEntry(f"e{n}", f"{n}번째 질문", f"{n}번째 답", (f"질문 {n}", f"{n}번 물음"))
        for n in range(60)
    ]
    reader = TinyReader()

    read = fit_confidence(Retriever.build(TinyEncoder(), entries, pretrained=reader))
    fitted = fit_confidence(Retriever.build(TinyEncoder(), entries))

    usual = Confidence.usual(content=True)
    assert (read.first, read.shown, read.suggest) == (usual.first, usual.shown, usual.suggest)
    assert read.fit["reason"] == "Fewer than 50 queries were given to fit on."
    assert "reason" not in fitted.fit


def test_what_a_pretrained_encoder_reads_is_never_fitted_on_phrasings_without_their_answer() -> (
    None
):
    entries = shop()
    retriever = Retriever.build(TinyEncoder(dimension=512), entries, pretrained=TinyReader())
    queries = [
        Query(f"{e.entry_id}{n}", f"{e.entry_id} 환불{n}", e.entry_id)
        for e in entries
        for n in "12"
    ]
    far = [f"우주 {n}번 정거장" for n in range(FEWEST)]

    fit = fit_confidence(retriever, queries=queries, out_of_scope=["도매 되나요"], far=far).fit

    assert (fit["n_in_scope"], fit["n_out_of_scope"]) == (80, 1 + FEWEST)
    assert fit["out_of_scope"] == "given, and far from any FAQ"
    assert fit["in_scope_share"] == 0.8
    reason = fit_confidence(retriever, queries=queries, far=far[:9]).fit["reason"]
    assert reason == "Fewer than 50 queries in scope or out of scope to fit on."
