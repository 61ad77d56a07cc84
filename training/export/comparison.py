"""What an export costs and gains: the same texts through the encoder before and after."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from rich.table import Table

from mundap.evaluation.agreement import Agreement, Speed, agreement, speed
from mundap.evaluation.queries import Query
from mundap.evaluation.ranking import rank_all
from mundap.evaluation.retrieval import evaluate
from mundap.evaluation.run import qrels_of
from mundap.evaluation.sts import SentencePair, evaluate_sts
from mundap.index.encoders.encoder import Encoder
from mundap.index.faq.entry import FaqEntry
from mundap.index.search.dense import DenseRetriever

Figures = dict[str, tuple[float, float]]
# Texts for cosines and speeds: a large FAQ would take minutes and say the same.
_TEXTS = 500


@dataclass(frozen=True, slots=True)
class ExportComparison:
    """Agreement of two encoders, and each figure before and after."""

    agreement: Agreement
    before: Speed
    after: Speed
    quality: Figures

    @classmethod
    def measure(
        cls,
        before: Encoder,
        after: Encoder,
        texts: Sequence[str],
        pairs: Sequence[SentencePair] = (),
        queries: Sequence[Query] = (),
        entries: Sequence[FaqEntry] = (),
    ) -> "ExportComparison":
        """Measure both on some 500 of `texts`, and where given on judged pairs and on queries.

        Retrieval is by vectors alone: words would hide what the encoder loses.
        """
        quality: Figures = {}
        if pairs:
            quality |= _beside(*(_sts(encoder, pairs) for encoder in (before, after)))
        if queries:
            quality |= _beside(*(_retrieval(e, queries, entries) for e in (before, after)))
        texts = texts[:: 1 + len(texts) // _TEXTS]
        agreed = agreement(before, after, texts)
        return cls(agreed, speed(before, texts), speed(after, texts), quality)

    def to_dict(self) -> dict[str, object]:
        """Return every figure; those of quality as [before, after]."""
        return {
            "agreement": asdict(self.agreement),
            "speed": {"before": asdict(self.before), "after": asdict(self.after)},
            "quality": {name: list(values) for name, values in self.quality.items()},
        }

    def table(self) -> Table:
        """Return a terminal table."""
        agreed = self.agreement
        caption = (
            f"cosine of the same text before and after, {agreed.texts:,} texts: mean "
            f"{agreed.mean:.4f}, lowest {agreed.lowest:.4f}; same nearest text for "
            f"{agreed.same_nearest:.1%}"
        )
        table = Table(title="Export", caption=caption)
        for name in ("", "before", "after", "difference"):
            table.add_column(name, justify="right" if name else "left")
        for name, (one, other) in self.quality.items():
            table.add_row(name, f"{one:.4f}", f"{other:.4f}", f"{other - one:+.4f}")
        one, other = self.before.milliseconds, self.after.milliseconds
        table.add_row("ms for one text", f"{one:.2f}", f"{other:.2f}", f"{one / other:.2f}x")
        one, other = self.before.texts_per_second, self.after.texts_per_second
        table.add_row("texts a second", f"{one:,.0f}", f"{other:,.0f}", f"{other / one:.2f}x")
        return table


def _sts(encoder: Encoder, pairs: Sequence[SentencePair]) -> dict[str, float]:
    report = evaluate_sts(encoder, pairs)
    return {"STS Pearson": report.pearson, "STS Spearman": report.spearman}


def _retrieval(
    encoder: Encoder, queries: Sequence[Query], entries: Sequence[FaqEntry]
) -> dict[str, float]:
    run = rank_all(DenseRetriever.build(encoder, entries), queries)
    means = evaluate(run, qrels_of(queries)).means
    return {"Hit@1": means["hit@1"].mean, "MRR@10": means["mrr@10"].mean}


def _beside(before: dict[str, float], after: dict[str, float]) -> Figures:
    return {name: (value, after[name]) for name, value in before.items()}
