"""The base as a trainable BERT, and the tokenizer over its pieces."""

from collections.abc import Mapping, Sequence

import torch
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors
from transformers import BertConfig, BertModel

from mundap.training.bases.base_file import Piece, Sizes

MARKS = ("<s>", "<pad>", "</s>", "<unk>")
# What stands before a text, by what it is.
PREFIXES = {"query": "query: ", "passage": "passage: "}


def make_tokenizer(pieces: Sequence[Piece], unk: int) -> Tokenizer:
    """Return the tokenizer of XLM-R over these pieces; texts stand between `<s>` and `</s>`."""
    tokenizer = Tokenizer(models.Unigram(list(pieces), unk_id=unk))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.Nmt(), normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    marks = [(name, row) for row, (name, _) in enumerate(pieces[:8]) if name in ("<s>", "</s>")]
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=marks
    )
    tokenizer.add_special_tokens(list(MARKS))
    return tokenizer


def make_bert(sizes: Sizes, weights: Mapping[str, torch.Tensor], dropout: float) -> BertModel:
    """Return the base with the rows of words that `weights` has; its layers learn, nothing else."""
    config = BertConfig(
        vocab_size=len(weights["embeddings.word_embeddings.weight"]),
        hidden_size=sizes.hidden,
        num_hidden_layers=sizes.layers,
        num_attention_heads=sizes.heads,
        intermediate_size=sizes.inner,
        max_position_embeddings=sizes.positions,
        type_vocab_size=sizes.types,
        layer_norm_eps=sizes.eps,
        pad_token_id=sizes.pad,
        hidden_dropout_prob=dropout,
        attention_probs_dropout_prob=0.0,
    )
    bert: BertModel = BertModel(config, add_pooling_layer=False).eval()
    # The fused kernel's way back is slower on a CPU than all the rest of a step.
    bert.set_attn_implementation("eager")
    bert.load_state_dict(dict(weights))
    bert.requires_grad_(False).encoder.requires_grad_(True)
    return bert
