"""The section of a report that says how far a confidence can be trusted."""

from mundap.evaluation.report.document import Chart, Section, Table
from mundap.evaluation.report.figures import interval, percent, percent_interval
from mundap.evaluation.report.plots import draw_reliability, draw_risk_coverage, draw_spread
from mundap.evaluation.statistics.confidence import ConfidenceFigures

# Promised and true shares this close are as good as equal for a few hundred queries.
_HONEST = 0.03


def confidence_section(report: ConfidenceFigures | None) -> Section | None:
    """Return the figures of `report` with three charts and a verdict; None without one."""
    if report is None:
        return None
    figures = [
        ("AUROC, in scope against out of scope", report.auroc_scope),
        ("AUROC, right against wrong", report.auroc_correct),
        ("out of scope let through, with 95% of in scope", report.fpr_at_95_tpr),
        ("coverage at 90% right answers", report.coverage_at_90),
        ("coverage at 95% right answers", report.coverage_at_95),
        ("area under risk and coverage (lower is better)", report.aurc),
        ("Brier score (lower is better)", report.brier),
    ]
    rows = [(name, interval(value)) for name, value in figures if value is not None]
    rows += [
        ("ECE, 15 bins of equal size", f"{report.ece:.3f}"),
        ("ECE, 15 bins of equal width", f"{report.ece_equal_width:.3f}"),
        ("ECE of a perfect confidence, through luck", f"{report.ece_by_chance:.3f}"),
    ]
    asked = f"{report.n_in_scope:,} queries in scope and {report.n_out_of_scope:,} out of scope"
    lead = f"How far the confidence of hybrid can be trusted, on {asked}. An answer to a query "
    lead += f"out of scope is wrong. {_promise(report)}"
    return Section("Confidence", (lead, _charts(report), Table(("figure", "value"), tuple(rows))))


def _promise(report: ConfidenceFigures) -> str:
    asked = sum(item.n for item in report.reliability)
    promised = sum(item.n * item.confidence for item in report.reliability) / asked
    right = sum(item.n * item.accuracy for item in report.reliability) / asked
    verdict = "too sure of itself" if promised > right else "too modest"
    if abs(promised - right) <= _HONEST:
        verdict = "honest on the whole"
    return f"It promises {percent(promised)} on average and {percent(right)} came true: {verdict}."


def _charts(report: ConfidenceFigures) -> tuple[Chart, ...]:
    bins = tuple(
        (f"{item.confidence:.2f}", f"{item.accuracy:.2f}", f"{item.n:,}")
        for item in report.reliability
    )
    cells = tuple(
        (f"{row / len(report.spread):.2f} on", *map(str, counts))
        for row, counts in enumerate(report.spread)
    )
    return (
        Chart(
            "Does a confidence come true?",
            draw_reliability(report, "confidence"),
            Table(("confidence", "right", "queries"), bins),
        ),
        Chart(
            "Answering more, being right less often",
            draw_risk_coverage(report, "confidence"),
            Table(
                ("right answers", "coverage"),
                (
                    ("90%", percent_interval(report.coverage_at_90)),
                    ("95%", percent_interval(report.coverage_at_95)),
                ),
            ),
        ),
        Chart(
            "Who gets which confidence?",
            draw_spread(report, "confidence"),
            Table(("confidence", "right", "wrong", "out of scope"), cells),
        ),
    )
