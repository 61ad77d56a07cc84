"""Memory and time of a training step with and without the gradient cache.

A transformer as wide as `klue/roberta-base` (random weights: they cost the same) takes one step
of multiple negatives ranking over texts of so many tokens, each kind in a fresh process: on a
GPU where there is one, else on the CPU.

    python -m benchmarks.cached_loss [--layers 2 --tokens 16]
"""

import argparse
import json
import resource
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.result import write_result
from mundap.training.modules.base import load_base
from mundap.training.objectives.mnrl import Mnrl

_ROOT = Path(__file__).resolve().parent.parent
# What is trained with -> batch, whether it is cached.
KINDS = {
    "plain, batch 32": (32, False),
    "cached, batch 1,024": (1024, True),
    "plain, batch 1,024": (1024, False),
}
WORDS = 2000


def main() -> None:
    """Measure each kind in a process of its own and write the figures."""
    options = _parser().parse_args()
    if options.kind:
        print(json.dumps(step(options.kind, options.layers, options.tokens)))
        return
    size = ["--layers", str(options.layers), "--tokens", str(options.tokens)]
    figures: dict[str, Any] = {"layers": options.layers, "tokens": options.tokens}
    for kind in KINDS:
        command = [sys.executable, "-m", "benchmarks.cached_loss", "--kind", kind, *size]
        done = subprocess.run(command, cwd=_ROOT, stdout=subprocess.PIPE, text=True, check=False)
        ended = {"ended_with": done.returncode}  # -9: out of memory
        figures[kind] = ended if done.returncode else json.loads(done.stdout)
        print(f"{kind:20} {figures[kind]}", file=sys.stderr)
    write_result("cached_loss", figures, f"benchmarks.cached_loss {' '.join(size)}")


def step(kind: str, layers: int, tokens: int) -> dict[str, object]:
    """Take one step; return the peak of memory before it and at its end."""
    import torch
    from sentence_transformers.util import batch_to_device

    batch, cached = KINDS[kind]
    with TemporaryDirectory() as folder:
        transformer = load_base(
            str(write_bert(Path(folder), layers)), pooling="mean", max_seq_length=tokens
        )
    on_gpu = torch.cuda.is_available()
    texts = [" ".join(f"w{(row * 7 + n) % WORDS}" for n in range(tokens)) for row in range(batch)]
    columns = [
        batch_to_device(transformer.preprocess(side), transformer.device)
        for side in (texts, texts[::-1])
    ]
    loss = Mnrl(cached=cached, mini_batch=32).loss(transformer.train())
    loaded = _memory(on_gpu)
    started = time.perf_counter()
    loss(columns, None).backward()
    if on_gpu:
        torch.cuda.synchronize()
    seconds = time.perf_counter() - started
    return {
        "device": torch.cuda.get_device_name() if on_gpu else "cpu",
        "loaded_mib": round(loaded),
        "peak_mib": round(_memory(on_gpu)),
        "seconds": round(seconds, 2),
    }


def write_bert(directory: Path, layers: int) -> Path:
    """Write a random BERT of 768 columns; it knows WORDS words."""
    from transformers import BertConfig, BertModel, BertTokenizer

    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *(f"w{n}" for n in range(WORDS))]
    (directory / "vocab.txt").write_text("\n".join(words), encoding="utf-8")
    BertTokenizer(str(directory / "vocab.txt")).save_pretrained(directory)
    BertModel(BertConfig(vocab_size=len(words), num_hidden_layers=layers)).save_pretrained(
        directory
    )
    return directory


def _memory(on_gpu: bool) -> float:
    """Return the peak so far in MiB: of the GPU's tensors, or of this process."""
    if on_gpu:
        import torch

        return torch.cuda.max_memory_allocated() / 2**20
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--layers", type=int, default=2)
    parser.add_argument("--tokens", type=int, default=16)
    parser.add_argument("--kind", choices=KINDS)
    return parser


if __name__ == "__main__":
    main()
