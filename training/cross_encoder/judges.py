"""What judges a cross-encoder after each epoch: pairs held out, or queries to rerank for."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import pearsonr, spearmanr
from sentence_transformers import CrossEncoder
from sentence_transformers.sentence_transformer.evaluation import SentenceEvaluator
from sklearn.metrics import average_precision_score, f1_score
from torch.nn import Sigmoid

from mundap.evaluation.retrieval import evaluate
from mundap.evaluation.run import qrels_of
from mundap.index.faq.passages.passages import Passages
from mundap.index.search.lexical import LexicalIndex
from mundap.training.cross_encoder.pairs import TargetPair
from mundap.training.data.development import Development

# Hits of the first stage that are compared: as many as MRR@10 looks at.
DEPTH = 10
_BATCH = 64
# From here on two texts count as saying the same.
_SAME = 0.5


class PairJudge(SentenceEvaluator):
    """Held-out pairs: correlations where targets have shades, else how well 1 is told from 0."""

    def __init__(self, pairs: Sequence[TargetPair]) -> None:
        super().__init__()
        self._texts = [(pair.one, pair.other) for pair in pairs]
        self._targets = np.array([pair.target for pair in pairs])
        self._graded = not np.isin(self._targets, (0.0, 1.0)).all()
        self.primary_metric = "spearman" if self._graded else "ap"

    def __call__(
        self, model: Any, output_path: str | None = None, epoch: float = -1, steps: int = -1
    ) -> dict[str, float]:
        """Return pearson and spearman, or ap (average precision), f1 and accuracy."""
        found = closeness(model, self._texts)
        if self._graded:
            return {
                "pearson": _correlation(pearsonr, found, self._targets),
                "spearman": _correlation(spearmanr, found, self._targets),
            }
        wanted, said = self._targets >= _SAME, found >= _SAME
        return {
            "ap": float(average_precision_score(wanted, found)),
            "f1": float(f1_score(wanted, said, zero_division=0.0)),
            "accuracy": float((wanted == said).mean()),
        }


class RankingJudge(SentenceEvaluator):
    """Queries about held-out answers: the first hits by BM25, in the cross-encoder's order."""

    def __init__(self, development: Development) -> None:
        super().__init__()
        self.primary_metric = "mrr@10"
        lexical = LexicalIndex.build(Passages.of(development.corpus))
        texts = [query.text for query in development.queries]
        self._hits = lexical.search(texts, DEPTH)
        self._development = development

    def __call__(
        self, model: Any, output_path: str | None = None, epoch: float = -1, steps: int = -1
    ) -> dict[str, float]:
        """Return hit@1, hit@3, hit@10, mrr@10 and ndcg@10 of the hits in their new order."""
        queries = self._development.queries
        pairs = [
            (query.text, hit.question)
            for query, hits in zip(queries, self._hits, strict=True)
            for hit in hits
        ]
        found = iter(closeness(model, pairs).tolist())
        run = {
            query.query_id: {hit.entry_id: next(found) for hit in hits}
            for query, hits in zip(queries, self._hits, strict=True)
        }
        return _means(run, self._development)

    def first_stage(self) -> dict[str, float]:
        """Return the figures of BM25's own order: what reranking has to beat."""
        run = {
            query.query_id: {hit.entry_id: hit.score for hit in hits}
            for query, hits in zip(self._development.queries, self._hits, strict=True)
        }
        return _means(run, self._development)


# What a run asks after each epoch; `primary_metric` names the figure that the best epoch has.
Judge = PairJudge | RankingJudge


def closeness(model: CrossEncoder, pairs: Sequence[tuple[str, str]]) -> NDArray[np.float64]:
    """Return the logistic function of the one output for each pair, in [0, 1]."""
    outputs = model.predict(
        list(pairs), batch_size=_BATCH, show_progress_bar=False, activation_fn=Sigmoid()
    )
    return np.asarray(outputs, dtype=np.float64).reshape(len(pairs))


def _means(run: dict[str, dict[str, float]], development: Development) -> dict[str, float]:
    means = evaluate(run, qrels_of(development.queries)).means
    return {name: estimate.mean for name, estimate in means.items()}


def _correlation(measure: Any, found: NDArray[np.float64], wanted: NDArray[np.float64]) -> float:
    # A correlation with a constant is 0.
    if np.ptp(found) < 1e-6 or np.ptp(wanted) == 0:
        return 0.0
    return float(measure(found, wanted).statistic)
