"""`mundap calibrate`: how sure the answers of an index are."""

from typing import Any

import typer

from mundap.commands.inputs import calibration, fusing
from mundap.commands.options import (
    AsJson,
    BundleDirectory,
    DevelopmentQueries,
    InScopeShare,
    OutOfScope,
    TargetAccuracy,
    Wait,
)
from mundap.commands.terminal import print_json

app = typer.Typer()


@app.command(epilog="Example: `mundap calibrate my_index --target-accuracy 0.95`")
def calibrate(
    directory: BundleDirectory,
    queries: DevelopmentQueries = None,
    out_of_scope: OutOfScope = None,
    target_accuracy: TargetAccuracy = None,
    in_scope_share: InScopeShare = None,
    wait: Wait = 0,
    as_json: AsJson = False,
) -> None:
    """Fit how sure answers are, on the FAQ's own phrasings or on queries you have.

    The index stays as it is and gets a new generation with the new confidence.
    """
    from dataclasses import asdict

    from mundap.evaluation.findings import findings
    from mundap.index.bundle.bundle import Bundle
    from mundap.index.bundle.generations import Generations
    from mundap.index.bundle.large import require_small
    from mundap.index.bundle.writer import BundleWriter

    Generations(directory).require_any()
    fit = calibration(queries, out_of_scope, target_accuracy, in_scope_share)
    fuse = fusing(queries)
    with BundleWriter.locked(directory, wait=wait) as writer:
        # Within the lock: opened before it, it would undo a build that ends meanwhile.
        bundle = Bundle.open(directory)
        if bundle.manifest.large:
            require_small(
                bundle.manifest.entries,
                "fitting its confidence",
                "It keeps the usual one. Fit on a part of it, in an index of its own.",
            )
        bundle.require_reader()  # a generation without what it read would take its place
        content = bundle.retriever.content
        sealed = writer.seal(
            bundle.entries,
            bundle.retriever.encoder,
            encoder_directory=bundle.encoder_directory,
            pretrained=content.encoder if content else None,
            kind=bundle.manifest.index_kind,
            fuse=lambda retriever: fuse(bundle.retriever),
            calibrate=fit,
            look=findings,
        )
        writer.promote(sealed.generation, bundle.retriever.encoder)
        writer.prune()
    fitted = Bundle.open(directory, bundle.retriever.encoder)
    confidence, manifest = fitted.confidence, fitted.manifest
    if as_json:
        print_json({"generation": manifest.generation, **asdict(confidence)})
        return
    typer.echo(f"Generation {manifest.generation} serves with this confidence:")
    for line in _sentences(confidence):
        typer.echo(f"  {line}")


def _sentences(confidence: Any) -> list[str]:
    fit = confidence.fit
    if "reason" in fit:
        return [f"{fit['reason']} The default fit is used."]
    return [
        f"It answers when it is right with probability {confidence.answer:.2f} or more.",
        f"It answers {_share(fit['in_scope_answered'])} of the questions that the FAQ answers.",
        f"Answers given: {_share(fit['answers_right'])} right.",
        f"Questions beside the FAQ: {_share(fit['out_of_scope_answered'])} get an answer too.",
        f"Tells the two apart with AUROC {fit['auroc_scope']:.3f}.",
        f"Measured on {fit['n_in_scope']} ({fit['in_scope']}) and {fit['n_out_of_scope']} "
        f"({fit['out_of_scope']}) queries that were not fitted on.",
    ]


def _share(found: list[float] | None) -> str:
    """Return a share of the fit with its 95% interval, such as 95% [93, 97]."""
    if found is None:
        return "none"
    mean, low, high = (round(100 * value) for value in found)
    return f"{mean}% [{low}, {high}]"
