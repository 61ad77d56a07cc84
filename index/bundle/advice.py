"""What an owner is told of an index: what its percentages rest on, and what would help most."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mundap.index.bundle.findings import read_findings
from mundap.index.bundle.manifest import Manifest
from mundap.index.faq.entry import FaqEntry
from mundap.index.faq.problems import FAULTS, FaqProblem
from mundap.index.languages import Language
from mundap.index.search.confidence import Confidence

# FAQs on which the usual values were fitted, beside the bundled one (data/training_faqs).
FITTED_FAQS = 32
# Entries or pairs named; the rest is counted.
_NAMED = 3

_WORDS: dict[Language, dict[str, str]] = {
    "en": {
        "usual": "The percentages are usual values, fitted across {faqs} FAQs that nobody tuned "
        "for, not on what your visitors ask.",
        "fitted": "The percentages rest on {n_in_scope:,} {in_scope} and {n_out_of_scope:,} "
        "{out_of_scope}.",
        "in_scope: given": "queries of your own",
        "in_scope: phrasings left out": "phrasings of the FAQ, each asked while it was left out,",
        "out_of_scope: given": "that the FAQ cannot answer",
        "out_of_scope: answers left out": "asked while their answer was left out",
        "fault": "Faults to mend first: {count:,} (contradictions, entries stored twice, texts "
        "that say nothing). `mundap data lint` lists them.",
        "lone": "{count:,} of {entries:,} entries have no second phrasing ({named}). Write down "
        "how visitors put them.",
        "confusable": "Pairs easily taken for each other: {count:,} ({named}). Say in each entry "
        "what sets it apart, or add phrasings of both that do.",
        "queries": "50 queries from your log, and 50 that the FAQ cannot answer, make the "
        "percentages yours: `mundap calibrate {directory} --queries FILE --out-of-scope FILE`.",
    },
    "ko": {
        "usual": "확률은 통상값이에요. 따로 손보지 않은 FAQ {faqs}개에서 맞췄고, 이 FAQ를 찾는 "
        "방문자의 질문으로 맞춘 값은 아니에요.",
        "fitted": "확률은 {in_scope} {n_in_scope:,}개와 {out_of_scope} {n_out_of_scope:,}개로 "
        "맞췄어요.",
        "in_scope: given": "직접 모은 질문",
        "in_scope: phrasings left out": "FAQ에 적힌 표현(하나씩 빼고 물어봄)",
        "out_of_scope: given": "FAQ가 답할 수 없는 질문",
        "out_of_scope: answers left out": "답을 빼고 물어본 표현",
        "fault": "먼저 고칠 것이 {count:,}건 있어요(서로 어긋나는 답, 두 번 적힌 항목, 내용 없는 "
        "글). `mundap data lint`가 하나씩 보여 줘요.",
        "lone": "항목 {entries:,}개 가운데 {count:,}개는 표현이 하나뿐이에요({named}). 방문자가 "
        "실제로 묻는 말을 더 적어 주세요.",
        "confusable": "서로 헷갈리기 쉬운 항목이 {count:,}쌍 있어요({named}). 무엇이 다른지 질문에 "
        "밝히거나, 차이가 드러나는 표현을 양쪽에 더해 주세요.",
        "queries": "방문 기록에서 질문 50개와 FAQ가 답할 수 없는 질문 50개를 모으면 이 FAQ에 맞는 "
        "확률이 돼요: `mundap calibrate {directory} --queries FILE --out-of-scope FILE`.",
    },
}


@dataclass(frozen=True, slots=True)
class Advice:
    """One thing an owner should know, in a sentence or two, and the entries it is about.

    `about` is "basis", what the percentages rest on, "fault", "lone", "confusable" or "queries".
    """

    about: str
    text: str
    entry_ids: tuple[str, ...] = ()


def advice(
    path: Path,
    entries: Sequence[FaqEntry],
    confidence: Confidence,
    language: Language = "en",
) -> list[Advice]:
    """Return what the percentages of a generation rest on, then what would help, most first.

    `entries` and `confidence` are those it is served with. Raises BundleError where its findings
    are damaged.
    """
    words, findings = _WORDS[language], read_findings(path)
    told = [Advice("basis", _basis(confidence, words))]
    if faults := [problem for problem in findings if problem.kind in FAULTS]:
        told.append(Advice("fault", words["fault"].format(count=len(faults)), _ids(faults)))
    close = [problem for problem in findings if problem.kind == "confusable"]
    if lone := _lone(findings, close):
        questions = {entry.entry_id: entry.question for entry in entries}
        named = _named([questions[entry_id] for entry_id in lone])
        text = words["lone"].format(count=len(lone), entries=len(entries), named=named)
        told.append(Advice("lone", text, lone))
    if close:
        named = _named([" / ".join(problem.examples) for problem in close])
        text = words["confusable"].format(count=len(close), named=named)
        told.append(Advice("confusable", text, _ids(close)))
    # Of a large FAQ nothing is fitted.
    if confidence.fit.get("in_scope") != "given" and not Manifest.read(path).large:
        text = words["queries"].format(directory=path.parent.parent)
        told.append(Advice("queries", text))
    return told


def _basis(confidence: Confidence, words: dict[str, str]) -> str:
    fit = confidence.fit
    if "reason" in fit or "in_scope" not in fit:
        return words["usual"].format(faqs=FITTED_FAQS)
    sources = {name: words[f"{name}: {fit[name]}"] for name in ("in_scope", "out_of_scope")}
    return words["fitted"].format_map(fit | sources)


def _lone(findings: Sequence[FaqProblem], close: Sequence[FaqProblem]) -> tuple[str, ...]:
    """Return the entries without a second phrasing, those first that are taken for others."""
    lone = _ids([problem for problem in findings if problem.kind == "lone"])
    mistaken = set(_ids(close))
    return tuple(sorted(lone, key=lambda entry_id: entry_id not in mistaken))


def _ids(problems: Sequence[FaqProblem]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(entry_id for one in problems for entry_id in one.entry_ids))


def _named(texts: Sequence[str]) -> str:
    more = ["..."] if len(texts) > _NAMED else []
    return "; ".join([*texts[:_NAMED], *more])
