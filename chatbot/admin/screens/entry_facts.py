"""What is known of an entry beside its texts: who asked it, and what it is taken for."""

from dataclasses import dataclass

from mundap.feedback.editing.working_copy import WorkingCopy
from mundap.index.bundle.bundle import Bundle
from mundap.index.bundle.findings import read_findings


@dataclass(frozen=True, slots=True)
class Rival:
    """An entry that is easily taken for another; `cosine` says how near it is."""

    entry_id: str
    question: str
    cosine: float | None


def rivals_of(bundle: Bundle, copy: WorkingCopy, entry_id: str) -> list[Rival]:
    """Return the rivals of an entry as they were found when the serving generation was built."""
    found: dict[str, float | None] = {}
    for problem in read_findings(bundle.path):
        if problem.kind == "confusable" and entry_id in problem.entry_ids:
            for other in problem.entry_ids:
                if other != entry_id:
                    found.setdefault(other, problem.cosine)
    rivals = [(other, copy.entry(other), cosine) for other, cosine in found.items()]
    return [Rival(other, entry.question, cosine) for other, entry, cosine in rivals if entry]
