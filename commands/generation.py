"""A new generation of an index, as `mundap index build` and `mundap faq publish` make it."""

from collections.abc import Callable, Sequence
from typing import Any

from mundap.commands.inputs import calibration, fusing, prepared_encoder
from mundap.index.bundle.build_options import BuildOptions
from mundap.index.progress import progress


def write_generation(
    writer: Any,
    entries: Sequence[Any],
    options: BuildOptions,
    *,
    kind: str = "auto",
    target_accuracy: float | None = None,
    in_scope_share: float | None = None,
    keep: int = 3,
    promote: bool = True,
    edited: bool = False,
    sealed: Callable[[int], None] = lambda generation: None,
) -> tuple[Any, list[str]]:
    """Seal and promote what the options say; return its manifest, and advice in sentences.

    `writer` holds the lock. `edited` entries come from the store, which gave each its id; of
    queries those count whose entries are still there. `sealed` is called before it serves.
    """
    from mundap.evaluation.findings import findings
    from mundap.index.bundle.advice import advice
    from mundap.index.bundle.contents import read_confidence, read_entries
    from mundap.index.bundle.proven_fit import proven_fit
    from mundap.index.encoders.registry import encoder_directory, wanted_pretrained

    loaded = prepared_encoder(options.encoder)
    reader, reader_directory = wanted_pretrained(options.pretrained)
    calibrate = calibration(
        options.queries, options.out_of_scope, target_accuracy, in_scope_share, edited=edited
    )
    fuse = fusing(options.queries, edited=edited)
    # What was improved stays so while its FAQ is edited.
    if edited and (kept := proven_fit(writer.generations, loaded, reader)) is not None:
        fuse, calibrate = kept.fuse, kept.calibrate
    milvus = options.milvus(writer.milvus())
    if milvus is not None and kind != "auto":
        raise ValueError(
            f"--index {kind} is of faiss; Milvus is told how by the number of vectors."
        )
    with progress("Embedding questions") as advance:
        manifest = writer.seal(
            entries,
            loaded,
            encoder_directory=encoder_directory(options.encoder),
            pretrained=reader,
            pretrained_directory=reader_directory,
            kind=kind,
            fuse=fuse,
            calibrate=calibrate,
            look=findings,
            milvus=milvus,
            ids_stay=edited,
            advance=advance,
        )
    if promote:
        sealed(manifest.generation)
        writer.promote(manifest.generation, loaded, reader)
    writer.prune(keep)
    path = writer.generations.path(manifest.generation)
    if manifest.large:
        return manifest, _of_large(manifest.large)
    told = advice(path, read_entries(path), read_confidence(path))
    return manifest, [one.text for one in told]


def _of_large(said: dict[str, Any]) -> list[str]:
    """Return how the vectors of a large FAQ are searched, and what was left out."""
    from mundap.index.engines.stored_engine import WANTED_RECALL

    found = f"Of the ten nearest questions a search finds {said['recall']:.1%}, measured."
    if said["recall"] < WANTED_RECALL:
        found += f" Wanted {WANTED_RECALL:.0%}: build with `--index flat` for all of them."
    return [found, *said["left_out"]]
