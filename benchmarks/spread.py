"""Reading a FAQ by the pretrained encoder: in this process, and by one and two others (Dask).

All that `mundap index build --workers` gives away is read: the phrasings of the bundled FAQ, and
its questions with their answers. What it takes to start is not counted. Processor time is that of
all processes; the clock tells something on a machine that does nothing else.

    python -m benchmarks.spread
"""

import os
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.process_tree import processor_seconds
from benchmarks.result import write_result
from mundap.chatbot.home.bundled import bundled_path
from mundap.index.encoders.encoder import PieceEncoder, Vectors
from mundap.index.encoders.registry import load_pretrained
from mundap.index.encoders.shipped import SHIPPED
from mundap.index.encoders.spread import spread
from mundap.index.faq.entry import read_faq
from mundap.index.faq.passages.passages import Passages

_WORKERS = (1, 2)


def main() -> None:
    """Read the same texts in each way and write what each took."""
    phrasings = Passages.of(read_faq(bundled_path("faq")))
    contents = Passages.with_answers(phrasings.entries)
    encoder = load_pretrained(SHIPPED)

    def read(by: PieceEncoder) -> list[Vectors]:
        whole = [text.vector for text in by.read_passages(contents.texts)]
        return [by.encode_passages(phrasings.texts), np.stack(whole)]

    texts = len(phrasings) + len(contents)
    alone, wanted = _taken(lambda: read(encoder), texts)
    figures = {"this process alone": alone}
    for workers in _WORKERS:
        with spread(encoder, SHIPPED, str(workers)) as reader:
            reader.encode_passages(phrasings.texts[: 64 * workers])  # each has loaded it
            taken, found = _taken(lambda: read(reader), texts)
        for one, other in zip(found, wanted, strict=True):
            np.testing.assert_array_equal(one, other)
        figures[f"{workers} workers"] = taken
    busy = {"load_of_the_machine": round(os.getloadavg()[0], 1)}
    write_result(
        "spread", {"phrasings": len(phrasings), "entries": len(contents), **busy, **figures}
    )


def _taken(read: Callable[[], list[Vectors]], texts: int) -> tuple[dict[str, Any], list[Vectors]]:
    used, begun = processor_seconds(os.getpid()), time.monotonic()
    found = read()
    wall, cpu = time.monotonic() - begun, processor_seconds(os.getpid()) - used
    figures = {
        "cpu_s": round(cpu, 1),
        "wall_s": round(wall, 1),
        "cpu_ms_a_text": round(cpu * 1000 / texts, 1),
        "texts_a_second": round(texts / wall, 1),
    }
    return figures, found


if __name__ == "__main__":
    main()
