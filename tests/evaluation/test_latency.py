import numpy as np
import pytest

from mundap.evaluation.latency import Latency, machine, peak_memory


class Recorder:
    def __init__(self):
        self.asked = []

    def search(self, queries, k):
        self.asked.append((list(queries), k))
        return [[] for _ in queries]


def clock(*moments):
    return iter(moments).__next__


def test_each_query_is_timed_alone_after_a_first_one_that_is_not():
    ranker = Recorder()
    found = Latency.of(ranker, ["하나", "둘", "셋"], clock(5, 5.001, 6, 6.002, 7, 7.009))
    assert ranker.asked == [(["하나"], 10), (["하나"], 10), (["둘"], 10), (["셋"], 10)]
    assert found.median == pytest.approx(2.0)
    assert [found.p95, found.p99] == pytest.approx(np.percentile([1, 2, 9], [95, 99]))
    assert found.to_dict() == {
        "median": found.median,
        "p95": found.p95,
        "p99": found.p99,
        "queries": 3,
    }


def test_of_many_queries_three_hundred_are_drawn_from_first_to_last():
    ranker = Recorder()
    found = Latency.of(ranker, [str(n) for n in range(1000)])
    asked = [int(queries[0]) for queries, _ in ranker.asked[1:]]
    assert (found.queries, asked[0], asked[-1]) == (300, 0, 999)
    assert asked == sorted(set(asked))


def test_nothing_to_time_is_refused():
    with pytest.raises(ValueError, match="0 queries to time; wanted at least 1"):
        Latency.of(Recorder(), [])


def test_memory_is_at_least_what_numpy_takes_and_the_machine_has_no_name():
    import platform

    peak = peak_memory()
    assert peak is not None
    assert peak > 20
    assert "cores" in machine()
    assert platform.node() not in machine() or not platform.node()
