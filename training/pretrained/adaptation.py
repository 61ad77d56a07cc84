"""The training of the layers on what visitors asked."""

import csv
import io
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

import torch
from torch.nn.utils import clip_grad_norm_

from mundap.index.progress import Advance
from mundap.training.pretrained.average import Average
from mundap.training.pretrained.plan import Plan
from mundap.training.pretrained.standing import EVERY, Lines, Standing, identity, state_beside
from mundap.training.pretrained.vectors import Figures, Vectors
from mundap.training.pretrained.visitors import Sources
from mundap.training.pretrained.visits import Visits


def adapt(plan: Plan, aim: Vectors, sources: Sources, curve: Path, advance: Advance) -> None:
    """Train the layers of what `aim` reads with, and leave in them their average at the end.

    `curve` gets a line of figures on the FAQs held back every `plan.every` steps. A run that was
    stopped goes on from a hidden file beside it, which the last step leaves there.
    """
    torch.manual_seed(plan.seed)
    layers = aim.reading.bert.encoder.layer
    optimizer = torch.optim.AdamW(layers.parameters(), weight_decay=plan.decay)
    average = Average(layers, plan.average)
    run = identity(plan, sources, layers.state_dict())
    standing = Standing(state_beside(curve), run, layers, optimizer, average)
    lines: Lines = []
    begun = standing.taken_up(lines)
    if not begun:
        lines.append({"step": 0.0, **aim.figures(sources.held_back)})
    visits = islice(Visits(sources.learn, sources.bundled, plan.seed), begun, plan.steps)
    for step, batch in enumerate(visits, begun):
        optimizer.param_groups[0]["lr"] = plan.rate_at(step)
        loss = aim.loss(plan, batch)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        clip_grad_norm_(layers.parameters(), 1.0)
        optimizer.step()
        average.update(layers, step + 1)
        advance(step + 1, plan.steps)
        if (step + 1) % plan.every == 0:
            with average.in_place(layers):
                found = aim.figures(sources.held_back)
            lines.append({"step": step + 1, **found})
            _write(lines, curve)
        if (step + 1) % EVERY == 0 or step + 1 == plan.steps:
            standing.keep(step + 1, lines)
    layers.load_state_dict(average.weights)


def _write(lines: Sequence[Figures], path: Path) -> None:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(lines[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(lines)
    path.write_text(text.getvalue(), encoding="utf-8")
