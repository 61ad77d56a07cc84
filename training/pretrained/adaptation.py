"""The training of the layers on what visitors asked."""

import csv
import io
from collections.abc import Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Protocol

import torch
from torch import Tensor
from torch.nn.utils import clip_grad_norm_

from mundap.index.progress import Advance
from mundap.training.pretrained.average import Average
from mundap.training.pretrained.plan import Plan
from mundap.training.pretrained.reading import Reading
from mundap.training.pretrained.standing import EVERY, Lines, Standing, identity, state_beside
from mundap.training.pretrained.visitors import Sources, VisitedFaq
from mundap.training.pretrained.visits import Batch, Visits

Figures = Mapping[str, float]


class Aim(Protocol):
    """What layers are trained for, and how near they have come to it."""

    def loss(self, plan: Plan, reading: Reading, batch: Batch) -> Tensor:
        """Return what a batch costs."""

    def figures(self, reading: Reading, faqs: Sequence[VisitedFaq]) -> Figures:
        """Return figures on FAQs that nothing was learned from."""


def adapt(
    plan: Plan,
    seed: int,
    aim: Aim,
    reading: Reading,
    sources: Sources,
    curve: Path,
    advance: Advance,
) -> None:
    """Train the layers for `aim`, and leave in them their average at the end.

    `curve` gets a line of figures on the FAQs held back every `plan.every` steps. A run that was
    stopped goes on from a hidden file beside it, which the last step leaves there.
    """
    torch.manual_seed(seed)
    reading.verdict.reset_parameters()
    learned = reading.learned
    rates = (plan.rate, plan.verdict_rate)
    groups = [{"params": list(part.parameters())} for part in learned.children()]
    optimizer = torch.optim.AdamW(groups, weight_decay=plan.decay)
    average = Average(learned, plan.average)
    run = identity(plan, seed, sources, reading.bert.encoder.layer.state_dict())
    standing = Standing(state_beside(curve), run, learned, optimizer, average)
    lines: Lines = []
    begun = standing.taken_up(lines)
    if not begun:
        lines.append({"step": 0.0, **aim.figures(reading, sources.held_back)})
    visits = islice(Visits(sources.learn, sources.bundled, seed), begun, plan.steps)
    for step, batch in enumerate(visits, begun):
        for group, rate in zip(optimizer.param_groups, rates, strict=True):
            group["lr"] = rate * plan.share_at(step)
        loss = aim.loss(plan, reading, batch)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        clip_grad_norm_(learned.parameters(), 1.0)
        optimizer.step()
        average.update(learned, step + 1)
        advance(step + 1, plan.steps)
        if (step + 1) % plan.every == 0:
            with average.in_place(learned):
                found = aim.figures(reading, sources.held_back)
            lines.append({"step": step + 1, **found})
            _write(lines, curve)
        if (step + 1) % EVERY == 0 or step + 1 == plan.steps:
            standing.keep(step + 1, lines)
    learned.load_state_dict(average.weights)


def _write(lines: Sequence[Figures], path: Path) -> None:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(lines[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(lines)
    path.write_text(text.getvalue(), encoding="utf-8")
