from mundap.evaluation.queries import Query
from mundap.evaluation.ranking import rank_all
from mundap.index.faq.entry import FaqEntry
from mundap.index.search.hit import Hit


class Fixed:
    """Finds the first k of its entries for every query but the empty one."""

    def __init__(self, entries):
        self.entries = entries
        self.asked = None

    def search(self, queries, k):
        self.asked = (list(queries), k)
        hits = [Hit(entry, entry.question, 1 / n) for n, entry in enumerate(self.entries, start=1)]
        return [hits[:k] if query else [] for query in queries]


def test_all_queries_are_searched_in_one_batch_and_kept_even_when_empty():
    ranker = Fixed([FaqEntry(name, name, "답") for name in "abc"])
    queries = [Query("q1", "배송비", "a"), Query("q2", "", "b")]
    assert rank_all(ranker, queries, depth=2) == {"q1": {"a": 1.0, "b": 0.5}, "q2": {}}
    assert ranker.asked == (["배송비", ""], 2)


def test_a_hundred_entries_are_kept_unless_told():
    ranker = Fixed([FaqEntry(f"e{n:03d}", "질문", "답") for n in range(150)])
    assert len(rank_all(ranker, [Query("q1", "질문", "e000")])["q1"]) == 100
