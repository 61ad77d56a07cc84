import numpy as np
import pytest

from evaluation import development
from evaluation.development import Development
from index.encoder import unit_rows
from index.faq import FaqEntry
from index.passages import Passages


def faq(sizes):
    return Passages.of(
        [
            FaqEntry(f"e{n}", f"질문 {n}", "답", tuple(f"다른 말 {n} {i}" for i in range(size - 1)))
            for n, size in enumerate(sizes)
        ]
    )


def by_brute_force(query, passages, vectors, allowed):
    """The best score, and the owners by their best score, one passage at a time."""
    best = {}
    for row, owner in enumerate(passages.owners.tolist()):
        if allowed(row, owner):
            best[owner] = max(best.get(owner, -2.0), float(query @ vectors[row]))
    order = sorted(best, key=best.get, reverse=True)
    return best[order[0]], order


@pytest.fixture(params=[2**22, 7], ids=["one block", "many blocks"])
def block(request, monkeypatch):
    monkeypatch.setattr(development, "_BLOCK", request.param)


@pytest.mark.usefixtures("block")
@pytest.mark.parametrize("sizes", [(3, 1, 2, 4, 1, 5), (2, 2), (1, 3)])
def test_each_passage_is_searched_among_all_the_others(sizes):
    rng = np.random.default_rng(0)
    passages = faq(sizes)
    vectors = unit_rows(rng.normal(size=(len(passages), 4)))
    outside = unit_rows(rng.normal(size=(9, 4)))
    owners = passages.owners
    rows = [row for row in range(len(owners)) if sizes[owners[row]] > 1]
    inside = [by_brute_force(vectors[r], passages, vectors, lambda i, _, r=r: i != r) for r in rows]
    beside = [by_brute_force(query, passages, vectors, lambda *_: True) for query in outside]
    left_out = [
        by_brute_force(vectors[r], passages, vectors, lambda _, o, r=r: o != owners[r])
        for r in range(len(owners))
    ]
    found = Development.of(passages, vectors, outside, seed=0)
    assert found.in_scope == pytest.approx([score for score, _ in inside], abs=1e-6)
    assert found.first.tolist() == [
        owners[r] == order[0] for r, (_, order) in zip(rows, inside, strict=True)
    ]
    assert found.out_of_scope == pytest.approx([score for score, _ in beside], abs=1e-6)
    found = Development.of(passages, vectors, None, seed=0)
    assert found.out_of_scope == pytest.approx([score for score, _ in left_out], abs=1e-6)


def test_a_faq_of_one_entry_has_nothing_out_of_scope():
    passages = faq([3])
    found = Development.of(passages, unit_rows(np.eye(3)), None, seed=0)
    assert (len(found.in_scope), len(found.out_of_scope)) == (3, 0)


def test_a_large_faq_is_sampled_by_seed(monkeypatch):
    monkeypatch.setattr(development, "MOST", 10)
    passages = faq([2] * 30)
    vectors = unit_rows(np.random.default_rng(0).normal(size=(60, 4)))
    first, again, other = (Development.of(passages, vectors, None, seed) for seed in (1, 1, 2))
    assert len(first.in_scope) == len(first.out_of_scope) == 10
    assert first.in_scope.tolist() == again.in_scope.tolist()
    assert first.in_scope.tolist() != other.in_scope.tolist()
