"""The training of the layers on what visitors asked."""

import csv
import io
import math
from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from pathlib import Path

import torch
from sklearn.metrics import roc_auc_score
from torch import Tensor
from torch.nn.utils import clip_grad_norm_

from mundap.index.progress import Advance
from mundap.training.pretrained.average import Average
from mundap.training.pretrained.loss import both_ways, targets_of
from mundap.training.pretrained.plan import Plan
from mundap.training.pretrained.reading import Reading, autocast, late_scores
from mundap.training.pretrained.standing import EVERY, Lines, Standing, identity, state_beside
from mundap.training.pretrained.together import together_loss
from mundap.training.pretrained.visitors import Sources, VisitedFaq
from mundap.training.pretrained.visits import Batch, Visits

Figures = Mapping[str, float]
# The vectors of texts, and those of the pieces of each.
Read = tuple[Tensor, list[Tensor]]
# Queries of each FAQ that are read together with what comes first.
_JUDGED = 20
Loss = Callable[[Plan, Reading, Batch], Tensor]


def adapt(
    plan: Plan,
    seed: int,
    reading: Reading,
    sources: Sources,
    curve: Path,
    advance: Advance,
    loss_of: Loss | None = None,
) -> None:
    """Train the layers by `batch_loss` or another loss, and leave in them their average at the end.

    `curve` gets a line of figures on the FAQs held back every `plan.every` steps. A run that was
    stopped goes on from a hidden file beside it, which the last step leaves there.
    """
    loss_of = loss_of or batch_loss
    torch.manual_seed(seed)
    reading.verdict.reset_parameters()
    learned = reading.learned
    rates = (plan.rate, plan.verdict_rate)
    groups = [{"params": list(part.parameters())} for part in learned.children()]
    optimizer = torch.optim.AdamW(groups, weight_decay=plan.decay)
    average = Average(learned, plan.average)
    run = identity(plan, seed, sources)
    standing = Standing(state_beside(curve), run, learned, optimizer, average)
    lines: Lines = []
    begun = standing.taken_up(lines)
    if not begun:
        lines.append({"step": 0.0, **figures(reading, sources.held_back)})
    visits = islice(Visits(sources.learn, sources.bundled, seed), begun, plan.steps)
    for step, batch in enumerate(visits, begun):
        for group, rate in zip(optimizer.param_groups, rates, strict=True):
            group["lr"] = rate * plan.share_at(step)
        loss = loss_of(plan, reading, batch)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        clip_grad_norm_(learned.parameters(), 1.0)
        optimizer.step()
        average.update(learned, step + 1)
        advance(step + 1, plan.steps)
        if (step + 1) % plan.every == 0:
            lines.append({"step": step + 1, **_figures_of(average, reading, sources.held_back)})
            _write(lines, curve)
        if (step + 1) % EVERY == 0 or step + 1 == plan.steps:
            standing.keep(step + 1, lines)
    learned.load_state_dict(average.weights)


def batch_loss(plan: Plan, reading: Reading, batch: Batch) -> Tensor:
    """Return what a batch costs: by its vectors, and by what is read together."""
    reading.bert.encoder.train()
    asked, found = read(reading, batch)
    with torch.no_grad():
        late = late_scores(asked[1], found[1])
    with autocast():
        together = together_loss(reading, batch, late)
    return ranking_loss(plan, batch, asked, found) + plan.together * together


def read(reading: Reading, batch: Batch) -> tuple[Read, Read]:
    """Return what is read of a batch's queries, what nothing answers last, and of its passages."""
    with autocast():
        asked = reading([*(query.text for query in batch.queries), *batch.outside], "query")
        return asked, reading(batch.passages, "passage")


def ranking_loss(plan: Plan, batch: Batch, asked: Read, found: Read) -> Tensor:
    """Return what a batch costs by pooled vectors, and by late interaction beside them."""
    targets, known = targets_of(batch), len(batch.queries)
    pooled = both_ways(plan.scale * asked[0][:known] @ found[0].T, targets)
    late = both_ways(plan.scale * late_scores(asked[1][:known], found[1]), targets)
    return pooled + plan.late * late


@torch.inference_mode()
def figures(reading: Reading, faqs: Sequence[VisitedFaq]) -> Figures:
    """Return how often the right entry is first, or among three, by either signal.

    `verdict` is the AUROC of what is said of some queries with what late interaction puts first.
    """
    reading.bert.encoder.eval()
    ranks: dict[str, list[Tensor]] = {"pooled": [], "late": []}
    said: list[Tensor] = []
    fits: list[bool] = []
    for faq in faqs:
        with autocast():
            asked, asked_pieces = reading([query.text for query in faq.queries], "query")
            found, found_pieces = reading(faq.passages, "passage")
        rows = torch.tensor([query.rows[0] for query in faq.queries])
        ranks["pooled"].append(ranks_of(asked @ found.T, rows))
        late = late_scores(asked_pieces, found_pieces)
        ranks["late"].append(ranks_of(late, rows))
        first = late.argmax(dim=1).tolist()
        some = range(0, len(first), max(1, len(first) // _JUDGED))
        with autocast():
            beside = reading(faq.outside, "query")[1] if faq.outside else []
            nearest = late_scores(beside, found_pieces).argmax(dim=1).tolist() if beside else []
            texts = [*(faq.queries[at].text for at in some), *faq.outside]
            met = [faq.passages[row] for row in (*(first[at] for at in some), *nearest)]
            said.append(reading.together(list(zip(texts, met, strict=True))))
        fits += [first[at] == faq.queries[at].rows[0] for at in some] + [False] * len(beside)
    shares = {
        f"{signal}_{most}": round(float((torch.cat(found) <= most).float().mean()), 4)
        for signal, found in ranks.items()
        for most in (1, 3)
    }
    both = len(set(fits)) > 1
    auroc = roc_auc_score(fits, torch.cat(said).float().numpy()) if both else math.nan
    return {**shares, "verdict": round(float(auroc), 4)}


def ranks_of(scores: Tensor, rows: Tensor) -> Tensor:
    """Return the rank, from 1, of each query's row; of equal scores the right one comes last."""
    return (scores >= scores.gather(1, rows[:, None])).sum(dim=1)


def _figures_of(average: Average, reading: Reading, faqs: Sequence[VisitedFaq]) -> Figures:
    learned = reading.learned
    now = {name: value.clone() for name, value in learned.state_dict().items()}
    learned.load_state_dict(average.weights)
    found = figures(reading, faqs)
    learned.load_state_dict(now)
    return found


def _write(lines: Sequence[Figures], path: Path) -> None:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(lines[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(lines)
    path.write_text(text.getvalue(), encoding="utf-8")
