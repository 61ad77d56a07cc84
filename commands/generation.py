"""A new generation of an index, as `mundap index build` and `mundap faq publish` make it."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

import typer

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
    workers: str | None = None,
) -> tuple[Any, list[str]]:
    """Seal and promote what the options say; return its manifest, and advice in sentences.

    `writer` holds the lock. `edited` entries come from the store, which gave each its id; of
    queries those count whose entries are still there. `sealed` is called before it serves.
    `workers` are those of `spread`, which read for the pretrained encoder.
    """
    from mundap.evaluation.findings import findings
    from mundap.index.bundle.advice import advice
    from mundap.index.bundle.contents import read_confidence, read_entries
    from mundap.index.bundle.large import forewarning, is_large
    from mundap.index.bundle.proven_fit import proven_fit
    from mundap.index.encoders.registry import encoder_directory, wanted_pretrained
    from mundap.index.encoders.spread import spread

    # Queries that cannot be read are refused before anything takes long.
    calibrate = calibration(
        options.queries, options.out_of_scope, target_accuracy, in_scope_share, edited=edited
    )
    fuse = fusing(options.queries, edited=edited)
    loaded = prepared_encoder(options.encoder)
    reader, reader_directory = wanted_pretrained(options.pretrained)
    # What was improved stays so while its FAQ is edited.
    if edited and (kept := proven_fit(writer.generations, loaded, reader)) is not None:
        fuse, calibrate = kept.fuse, kept.calibrate
    milvus = _milvus(options, writer.milvus())
    if milvus is not None and kind != "auto":
        raise ValueError(
            f"--index {kind} is of faiss; Milvus is told how by the number of vectors."
        )
    if workers is not None and reader is None:
        raise ValueError("--workers read for the pretrained encoder; there is none to read for.")
    if reader is not None and is_large(len(entries)):
        typer.echo(forewarning(entries, reader), err=True)
    with ExitStack() as stack:
        advance = stack.enter_context(progress("Embedding questions"))
        wide = reader
        if reader is not None and workers is not None:
            wide = stack.enter_context(spread(reader, options.pretrained, workers))
        manifest = writer.seal(
            entries,
            loaded,
            encoder_directory=encoder_directory(options.encoder),
            pretrained=wide,
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


def _milvus(options: BuildOptions, now: Any) -> Any:
    """Return where the vectors are to be kept, if not in the bundle; `now` is where they are."""
    from mundap.index.engines.milvus_place import MilvusPlace

    asked = (options.engine, now, options.uri, options.collection, options.replicas)
    if options.engine == "faiss" or not any(asked):
        return None
    uri = options.uri or (now.uri if now else None)
    if uri is None:
        raise ValueError("Milvus wants its address: --uri http://HOST:19530.")
    if now is not None and now.uri != uri:  # the names there are another's
        now = None
    replicas = options.replicas or (now.replicas if now else 1)
    if options.collection is not None:
        return MilvusPlace(uri, options.collection, replicas)
    return (
        replace(now, replicas=replicas) if now else MilvusPlace.new(uri, options.output, replicas)
    )
