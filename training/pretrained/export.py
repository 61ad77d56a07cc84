"""What ships: layers in 8 bits as ONNX, rows of words in 8 bits, a tokenizer and its config."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from sentence_transformers.sentence_transformer.modules import Pooling
from tokenizers import Tokenizer
from transformers import BertModel

from mundap.index.durable import replaced_directory
from mundap.index.encoders.prefixes import stored_prefixes
from mundap.index.encoders.pretrained_config import CONFIG_FILE, PRETRAINED_KIND
from mundap.index.encoders.sentence_encoder import load_sentence_transformer
from mundap.index.encoders.shipped import SHIPPED
from mundap.training.bases.base_file import BASE, MEMBER, SHA256, WHEEL
from mundap.training.bases.bert import PREFIXES
from mundap.training.bases.vocabulary import round_rows
from mundap.training.fit.encoder_directory import require_place
from mundap.training.pretrained.bert_graph import build_graph
from mundap.training.pretrained.reading import AFTER, BEFORE, MAX_LENGTH
from mundap.training.pretrained.smooth import smooth_columns


def export(
    bert: BertModel,
    tokenizer: Tokenizer,
    output: Path,
    training: Mapping[str, Any],
    texts: Sequence[str],
    name: str = SHIPPED,
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
        _write_config(bert, partial, training, name)


def export_trained(encoder: Path, output: Path, texts: Sequence[str]) -> Path | None:
    """Write an encoder that was trained from a base with a name, in 8 bits as the base ships.

    Returns None where the encoder is another one. See `export` for `texts`; raises EncoderError
    where nothing can be loaded.
    """
    if not encoder.is_dir() or stored_prefixes(encoder) != PREFIXES:
        return None
    transformer = load_sentence_transformer(encoder).to("cpu")
    first, *others = transformer
    bert: Any = getattr(first, "auto_model", None)
    means = [isinstance(one, Pooling) and one.pooling_mode == "mean" for one in others]
    if means != [True] or not isinstance(bert, BertModel):
        return None
    require_place(output)
    bert.set_attn_implementation("eager")
    record = encoder / "training.json"
    training = json.loads(record.read_text(encoding="utf-8")) if record.exists() else {}
    tokenizer = transformer.tokenizer.backend_tokenizer
    export(bert, tokenizer, output, training, texts, output.resolve().name)
    return output


def _write_config(bert: BertModel, directory: Path, training: Mapping[str, Any], name: str) -> None:
    files = sorted(directory.iterdir())
    config = {
        "kind": PRETRAINED_KIND,
        "name": name,
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
