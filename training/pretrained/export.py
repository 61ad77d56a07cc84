"""What ships: layers in 8 bits as ONNX, rows of words in 8 bits, a tokenizer and its config."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from tokenizers import Tokenizer
from transformers import BertModel

from mundap.index.durable import replaced_directory
from mundap.index.encoders.pretrained_config import CONFIG_FILE, PRETRAINED_KIND
from mundap.index.encoders.shipped import SHIPPED
from mundap.training.bases.base_file import BASE, MEMBER, SHA256, WHEEL
from mundap.training.bases.bert import PREFIXES
from mundap.training.bases.vocabulary import round_rows
from mundap.training.pretrained.bert_graph import build_graph
from mundap.training.pretrained.reading import AFTER, BEFORE, MAX_LENGTH
from mundap.training.pretrained.smooth import smooth_columns


def export(
    bert: BertModel,
    tokenizer: Tokenizer,
    output: Path,
    training: Mapping[str, Any],
    texts: Sequence[str],
) -> None:
    """Write the directory that `PretrainedEncoder` reads, complete or not at all.

    `texts` show which columns are usually large; `training` is written as it is.
    """
    bert.eval()
    graph = build_graph(
        {name: value.numpy() for name, value in bert.state_dict().items()},
        smooth_columns(bert, tokenizer, texts),
        bert.config.num_hidden_layers,
        bert.config.num_attention_heads,
        bert.config.layer_norm_eps,
    )
    rows, scales = round_rows(bert.embeddings.word_embeddings.weight.detach())
    tokenizer.no_truncation()
    with replaced_directory(output) as partial:
        onnx.save(graph, partial / "encoder.onnx")
        np.save(partial / "embeddings.npy", rows.numpy())
        np.save(partial / "scales.npy", scales.numpy())
        tokenizer.save(str(partial / "tokenizer.json"), pretty=False)
        _write_config(bert, partial, training)


def _write_config(bert: BertModel, directory: Path, training: Mapping[str, Any]) -> None:
    files = sorted(directory.iterdir())
    config = {
        "kind": PRETRAINED_KIND,
        "name": SHIPPED,
        "dimension": bert.config.hidden_size,
        "layers": bert.config.num_hidden_layers,
        "rows": bert.config.vocab_size,
        "max_length": MAX_LENGTH,
        "prefixes": PREFIXES,
        "pooling": "mean",
        "pieces": {"before": BEFORE, "after": AFTER},
        "files": {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in files},
        "base": {"name": BASE, "wheel": WHEEL, "file": MEMBER, "sha256": SHA256, "licence": "MIT"},
        "training": dict(training),
        "licence": "MIT",
    }
    text = json.dumps(config, ensure_ascii=False, indent=2)
    (directory / CONFIG_FILE).write_text(text + "\n", encoding="utf-8")
