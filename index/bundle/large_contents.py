"""What lies in a generation of a FAQ that is too large to hold, opened without reading it."""

from pathlib import Path

from mundap.index.bundle.amendment import AMENDMENT, Amendment
from mundap.index.encoders.encoder import Encoder
from mundap.index.engines.engine import EngineError
from mundap.index.engines.stored_engine import STORED_FILES, StoredEngine
from mundap.index.faq.passages.stored_passages import ENTRIES_FILE, PASSAGE_FILES, StoredPassages
from mundap.index.mapped_array import mapped
from mundap.index.query.query_layer import QueryLayer
from mundap.index.search.dense import CENTROIDS_FILE, DenseRetriever
from mundap.index.search.fusion import Fusion
from mundap.index.search.retriever import Retriever
from mundap.index.search.stored_lexical import STORED_LEXICAL_FILES, StoredLexicalIndex

QUERY_LAYER_FILE = "query_layer.npz"
LARGE_FILES = (
    ENTRIES_FILE,
    *PASSAGE_FILES,
    *(name for name in STORED_FILES if name not in PASSAGE_FILES),
    CENTROIDS_FILE,
    *STORED_LEXICAL_FILES,
    QUERY_LAYER_FILE,
    "fusion.json",
    "confidence.json",
    "findings.json",
)


def open_large(path: Path, encoder: Encoder, fusion: Fusion, *, amended: bool) -> Retriever:
    """Map a generation; raises ValueError or OSError where it is damaged.

    Unlike smaller ones, which are read: whoever cuts one of its files in place ends the process.
    """
    passages = StoredPassages.open(path)
    engine = StoredEngine.open(path, passages.categories)
    lengths = mapped(path / CENTROIDS_FILE)
    if len(lengths) != len(passages.entries):
        raise EngineError(
            f"{len(passages.entries)} entries but {len(lengths)} lengths of their vectors' sums; "
            "wanted as many. Rebuild with `mundap index build`."
        )
    retriever = Retriever(
        DenseRetriever(encoder, passages, engine, lengths),
        StoredLexicalIndex.open(path, passages),
        QueryLayer.load((path / QUERY_LAYER_FILE).read_bytes()),
        fusion,
    )
    return (
        Amendment.open(path / AMENDMENT).of(retriever, passages, engine) if amended else retriever
    )
