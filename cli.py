"""The command `mundap`: one sub-command for each job, each importing its package when called."""

import json
import logging
import os
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

app = typer.Typer(
    name="mundap",
    help="A Korean-first question-answering chatbot (문답).",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
)
index_app = typer.Typer(help="Build, check and roll back a search index.", no_args_is_help=True)
eval_app = typer.Typer(help="Measure retrieval and similarity offline.", no_args_is_help=True)
data_app = typer.Typer(help="Import, export and download data.", no_args_is_help=True)
app.add_typer(index_app, name="index")
app.add_typer(eval_app, name="eval")
app.add_typer(data_app, name="data")


class Mode(StrEnum):
    """A retrieval system that can be measured."""

    DENSE = "dense"
    BM25 = "bm25"
    TFIDF = "tfidf"


Faq = Annotated[
    Path | None, typer.Option("--faq", help="FAQ file or folder; without it the bundled one.")
]
QuestionColumn = Annotated[str | None, typer.Option(help="Column of the questions.")]
AnswerColumn = Annotated[str | None, typer.Option(help="Column of the answers.")]
MergeAnswers = Annotated[bool, typer.Option(help="Make one entry of rows with the same answer.")]
EncoderName = Annotated[
    str, typer.Option("--encoder", help='"default", an encoder directory or a hub name.')
]
StsEncoder = Annotated[
    str | None,
    typer.Option("--encoder", help="Of sentence similarity; else api.sts_encoder, else default."),
]
BundleDirectory = Annotated[Path, typer.Argument(help="The directory of `index build`.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]


def main() -> None:
    """Run the command line; a mistake of the user's is one sentence and exit code 2."""
    logging.basicConfig(level=logging.WARNING, format="%(message)s", stream=sys.stderr)
    try:
        sys.exit(app(prog_name="mundap", standalone_mode=False))
    except typer.TyperException as error:  # no such command or option, a value out of bounds
        message = error.format_message()
    except OSError as error:
        message = f"{error.filename}: {error.strerror}." if error.filename else str(error)
    except ValueError as error:
        message = str(error)
    if message:  # without arguments the help has been shown
        typer.secho(f"mundap: {message}", err=True, fg=typer.colors.RED)
    sys.exit(2)


@app.command(epilog="Example: `mundap chat --faq my_faq.csv --port 8000`")
def chat(
    faq: Faq = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.")] = None,
) -> None:
    """Open the chat window; the first run trains and indexes the FAQ."""
    from chatbot.settings import ChatSettings

    settings = ChatSettings.load(faq=faq, host=host, port=port)
    from app import serve  # gradio takes seconds to import: not before the settings hold

    serve(settings)


@app.command(epilog="Example: `mundap serve --no-page --port 8000`")
def serve(
    faq: Faq = None,
    index: Annotated[Path | None, typer.Option(help="Serve this index instead.")] = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.")] = None,
    page: Annotated[bool, typer.Option("--page/--no-page", help="The chat page at /.")] = True,
) -> None:
    """Serve the API, described at /docs, with the chat page at /."""
    from chatbot.api_settings import ApiSettings
    from chatbot.settings import ChatSettings

    settings = ApiSettings.load(host=host, port=port)
    chat = ChatSettings.load(faq=faq)
    from chatbot.api_server import serve_api

    serve_api(chat, settings, index=index, with_page=page)


@app.command(epilog="Example: `mundap token`")
def token() -> None:
    """Make a token for a client of the API, and the hash to put into the settings."""
    from chatbot.api_access import new_token

    made, digest = new_token()
    typer.echo(f"token  {made}")
    typer.echo(f"hash   {digest}")
    typer.echo(
        "The client sends `Authorization: Bearer TOKEN`; the server holds the hash alone:\n"
        "[api.tokens] NAME = HASH or [api] admin_token = HASH in mundap.toml.",
        err=True,
    )


@app.command(epilog='Example: `mundap ask "환불은 며칠 걸려요?" -k 3`')
def ask(
    query: Annotated[str, typer.Argument(help="What a visitor would type.")],
    faq: Faq = None,
    index: Annotated[Path | None, typer.Option(help="Ask this index instead.")] = None,
    k: Annotated[int, typer.Option("-k", min=1, max=100, help="Entries to list.")] = 5,
    as_json: AsJson = False,
) -> None:
    """Answer one query in the terminal."""
    from chatbot.bot import Bot
    from chatbot.first_run import prepare
    from chatbot.live_bundle import LiveBundle
    from chatbot.settings import ChatSettings

    settings = ChatSettings.load(faq=faq)
    live = LiveBundle.open(index if index is not None else prepare(settings).index)
    reply = Bot(live, settings).reply(query)
    hits = live.get().retriever.search([query], k)[0]
    listed = [
        {
            "rank": rank,
            "entry_id": hit.entry_id,
            "score": round(hit.score, 4),
            "question": hit.question,
        }
        for rank, hit in enumerate(hits, start=1)
    ]
    if as_json:
        shown = {
            "query": query,
            "kind": reply.kind,
            "text": reply.text,
            "entry_id": reply.entry_id,
            "generation": reply.generation,
            "hits": listed,
        }
        _print_json(shown)
        return
    typer.echo(reply.text)
    for hit in listed:
        typer.echo(f"  {hit['rank']}. {hit['score']:.3f}  {hit['entry_id']}  {hit['question']}")


@app.command(epilog="Example: `mundap train --data my_faq.csv --output my_encoder`")
def train(
    data: Annotated[Path, typer.Option(help="A FAQ, or pairs: anchor, positive[, negatives].")],
    output: Annotated[Path, typer.Option(help="Directory for the encoder.")],
    base: Annotated[str, typer.Option(help='"default", a directory or a hub name.')] = "default",
    epochs: Annotated[int, typer.Option(help="At most this many.")] = 10,
    batch_size: Annotated[int | None, typer.Option(help="Pairs in a batch.")] = None,
    learning_rate: Annotated[float | None, typer.Option(help="Peak, after the warm-up.")] = None,
    scale: Annotated[float | None, typer.Option(help="Inverse temperature of the loss.")] = None,
    development: Annotated[float, typer.Option(help="Share of answers held out.")] = 0.1,
    refit: Annotated[
        bool, typer.Option(help="Then train as many epochs on everything, held-out too.")
    ] = True,
    seed: Annotated[int, typer.Option(help="Same seed and data, same encoder.")] = 0,
    pooling: Annotated[
        Literal["mean", "cls", "max"] | None, typer.Option(help="For transformer bases.")
    ] = None,
    max_seq_length: Annotated[int, typer.Option(help="Tokens, for transformer bases.")] = 128,
    question_column: QuestionColumn = None,
    answer_column: AnswerColumn = None,
    merge_answers: MergeAnswers = False,
) -> None:
    """Fine-tune an encoder on a FAQ or on pairs (multiple negatives ranking loss)."""
    # Read when the library is imported; its remarks on file systems help nobody here.
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    from index.faq import read_faq
    from index.table import read_table
    from training.config import TrainingConfig
    from training.pairs import read_pairs
    from training.split import Split
    from training.trainer import train as fine_tune

    config = TrainingConfig(
        base=base,
        epochs=epochs,
        batch_size=batch_size,
        learning_rate=learning_rate,
        scale=scale,
        development=development,
        refit=refit,
        seed=seed,
        pooling=pooling,
        max_seq_length=max_seq_length,
    )
    if {"anchor", "positive"} <= set(read_table(data).columns):
        split = Split.of_pairs(read_pairs(data), config)
    else:
        entries = read_faq(
            data,
            question_column=question_column,
            answer_column=answer_column,
            merge_answers=merge_answers,
        )
        split = Split.of_faq(entries, config)
    with _bar("Preparing the base encoder") as advance:
        _prepare_encoder(base, advance)
    typer.echo(f"Encoder written to {fine_tune(split, config, output)}", err=True)


@app.command(epilog='Example: `mundap sts "환불 되나요?" "환불 가능한가요?"`')
def sts(
    sentence1: Annotated[str, typer.Argument(help="One sentence.")],
    sentence2: Annotated[str, typer.Argument(help="Another one.")],
    encoder: StsEncoder = None,
    as_json: AsJson = False,
) -> None:
    """Say how similar two sentences are: 0 unrelated, 5 the same."""
    from dataclasses import asdict

    found = _similarity(encoder).score([(sentence1, sentence2)])[0]
    if as_json:
        _print_json(asdict(found))
        return
    cosine = "" if found.cosine is None else f"  (cosine {found.cosine:.3f})"
    typer.echo(f"{found.score:.2f}{cosine}")


@app.command(epilog='Example: `mundap sts-rank "환불 되나요?" sentences.csv --output ranked.csv`')
def sts_rank(
    base: Annotated[str, typer.Argument(help="The sentence to compare with.")],
    file: Annotated[Path, typer.Argument(help="CSV file (UTF-8 or CP949) with a heading.")],
    column: Annotated[
        str | None, typer.Option(help="Column of the sentences; else the first with text.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option(help="CSV file to write, with a line for each sentence.")
    ] = None,
    encoder: StsEncoder = None,
    as_json: AsJson = False,
) -> None:
    """Compare every sentence of a CSV file with one; without --output show the closest ten."""
    from chatbot.similarity_output import TOP, to_csv, to_json
    from chatbot.similarity_table import SentenceTable, SentenceTableError

    with file.open("rb") as opened, _bar("Comparing") as advance:
        try:
            table = SentenceTable.check(opened, column=column)
        except SentenceTableError as error:
            raise ValueError(f"{file}: {error}") from None
        ranked = _counted(_similarity(encoder).rank(base, table.texts()), table.rows, advance)
        if output is not None:
            _write_pieces(to_csv(ranked), output)
            shown = None
        else:
            shown = json.loads(b"".join(to_json(ranked, column=table.heading, rows=table.rows)))
    if shown is None:
        typer.echo(f"{table.rows} sentences compared in {output}", err=True)
    elif as_json:
        _print_json(shown)
    else:
        for item in shown["top"][:TOP]:
            typer.echo(f"{item['score']:.2f}  {item['row']}  {item['text']}")


@app.command(epilog="Example: `mundap sts-calibrate --data korsts_train.parquet`")
def sts_calibrate(
    data: Annotated[Path, typer.Option(help="Columns sentence1, sentence2, score (0-5).")],
    development: Annotated[
        Path | None, typer.Option(help="Other pairs, to measure the calibration on.")
    ] = None,
    encoder: EncoderName = "default",
    output: Annotated[
        Path | None, typer.Option(help="File to write; without it, where the others look.")
    ] = None,
) -> None:
    """Fit the scores of `mundap sts` for an encoder on pairs that people have scored."""
    from chatbot.settings import ChatSettings
    from evaluation.sts import read_sts
    from evaluation.sts_calibration import fit_calibration
    from index.pair_encoder import load_pair_encoder
    from index.sts_calibration import calibration_path

    held_out = read_sts(development) if development is not None else []
    pairs = read_sts(data)
    with _bar("Preparing the base encoder") as advance:
        _prepare_encoder(encoder, advance)
    loaded = load_pair_encoder(encoder)
    fitted = fit_calibration(loaded, pairs, held_out, source=data.name)
    path = output or calibration_path(ChatSettings.load().home, loaded.fingerprint)
    fitted.write(path)
    typer.echo(f"Calibration written to {path}", err=True)
    _print_json(fitted.fit)


@app.command(epilog="Example: `mundap doctor --faq my_faq.csv`")
def doctor(faq: Faq = None) -> None:
    """Show versions, fingerprints and problems of the data."""
    import platform
    from importlib.metadata import version

    from chatbot.first_run import Home
    from chatbot.settings import ChatSettings
    from index.bundle import VECTORS_FILE, Bundle
    from index.faq import read_faq
    from index.faq_problems import find_problems
    from index.manifest import BundleError

    home = Home.of(ChatSettings.load(faq=faq))
    typer.echo(f"python {platform.python_version()} on {platform.platform()}")
    for name in ("torch", "sentence-transformers", "faiss-cpu", "kiwipiepy", "gradio", "numpy"):
        typer.echo(f"{name} {version(name)}")
    try:
        manifest = Bundle.open(home.index).manifest
        typer.echo(f"encoder {manifest.encoder}  {manifest.encoder_source}")
        typer.echo(f"index   {manifest.files[VECTORS_FILE].sha256}  {home.index}")
        typer.echo(f"generation {manifest.generation}, {manifest.entries} entries: verified")
    except BundleError as error:
        typer.echo(f"index: {error}")
    entries = read_faq(home.faq)
    problems = find_problems(entries)
    typer.echo(f"FAQ {home.faq}: {len(entries)} entries, {len(problems)} problems")
    for problem in problems:
        shown = ", ".join(problem.entry_ids[:5]) + (", ..." if len(problem.entry_ids) > 5 else "")
        typer.echo(f"- {problem.met} ({shown}). {problem.mend}")


@index_app.command(
    "build", epilog="Example: `mundap index build --faq my_faq.csv --encoder E --output my_index`"
)
def index_build(
    output: Annotated[Path, typer.Option(help="Bundle directory; keeps older generations.")],
    faq: Faq = None,
    encoder: EncoderName = "default",
    kind: Annotated[
        Literal["auto", "flat", "hnsw", "ivf"], typer.Option("--index", help="Kind of index.")
    ] = "auto",
    out_of_scope: Annotated[
        Path | None, typer.Option(help="Queries (column query) that the FAQ cannot answer.")
    ] = None,
    keep: Annotated[int, typer.Option(min=1, help="Generations to keep.")] = 3,
    wait: Annotated[float, typer.Option(min=0, help="Seconds to wait for another rebuild.")] = 0,
    question_column: QuestionColumn = None,
    answer_column: AnswerColumn = None,
    merge_answers: MergeAnswers = False,
) -> None:
    """Write a new generation of an index and make it the serving one."""
    from chatbot.bundled import bundled_far_queries
    from evaluation.queries import read_texts
    from evaluation.thresholds import fit_confidence
    from index.bundle import Bundle

    entries = _read_faq(faq, question_column, answer_column, merge_answers)
    beside = read_texts(out_of_scope) if out_of_scope is not None else bundled_far_queries()
    loaded = _load_encoder(encoder)

    def calibrate(passages: Any, vectors: Any) -> Any:
        return fit_confidence(passages, vectors, out_of_scope=loaded.encode(beside))

    with _bar("Embedding questions") as advance:
        manifest = Bundle.build(
            output,
            entries,
            loaded,
            encoder_source=_encoder_source(encoder),
            kind=kind,
            calibrate=calibrate,
            keep=keep,
            wait=wait,
            advance=advance,
        )
    typer.echo(
        f"Generation {manifest.generation}: {manifest.entries} entries, {manifest.passages} "
        f"questions ({manifest.encoded} newly embedded), {manifest.index_kind} index in {output}",
        err=True,
    )


@index_app.command("verify", epilog="Example: `mundap index verify my_index`")
def index_verify(directory: BundleDirectory) -> None:
    """Compare every file of the serving generation with its checksum."""
    from index.bundle import verify_generation
    from index.generations import Generations

    manifest = verify_generation(Generations(directory).current())
    typer.echo(f"Generation {manifest.generation}: {len(manifest.files)} files verified")


@index_app.command("list", epilog="Example: `mundap index list my_index`")
def index_list(directory: BundleDirectory) -> None:
    """List the generations, oldest first; `*` marks the serving one."""
    from index.bundle import is_good
    from index.generations import Generations
    from index.manifest import Manifest

    generations = Generations(directory)
    current = generations.current().name
    for path in generations.paths():
        mark = "*" if path.name == current else " "
        if not is_good(path):
            typer.echo(f"{mark} {path.name}  damaged")
            continue
        found = Manifest.read(path)
        typer.echo(f"{mark} {path.name}  {found.created}  {found.entries} entries")


@index_app.command("rollback", epilog="Example: `mundap index rollback my_index`")
def index_rollback(directory: BundleDirectory) -> None:
    """Make the newest older generation that verifies the serving one."""
    from index.bundle import is_good
    from index.generations import Generations
    from index.manifest import BundleError

    generations = Generations(directory)
    if not generations.paths():  # the lock of a writer would make a directory of it
        raise BundleError(f"{directory}: no index here. Build one with `mundap index build`.")
    with generations.writing():
        path = generations.rollback(is_good)
    typer.echo(f"Generation {path.name} serves now")


@index_app.command("info", epilog="Example: `mundap index info my_index`")
def index_info(directory: BundleDirectory) -> None:
    """Print the manifest and the thresholds of the serving generation."""
    from dataclasses import asdict

    from index.bundle import CONFIDENCE_FILE, verify_generation
    from index.generations import Generations

    path = Generations(directory).current()
    manifest = asdict(verify_generation(path))
    confidence = json.loads((path / CONFIDENCE_FILE).read_text(encoding="utf-8"))
    _print_json({**manifest, "confidence": confidence})


@eval_app.command(
    "retrieval", epilog="Example: `mundap eval retrieval --faq F --queries Q --encoder E --json`"
)
def eval_retrieval(
    queries: Annotated[Path, typer.Option(help="Columns query and entry_id.")],
    faq: Faq = None,
    encoder: EncoderName = "default",
    mode: Annotated[
        list[Mode] | None,
        typer.Option(help="Systems to measure; without it all."),
    ] = None,
    output: Annotated[Path | None, typer.Option(help="Directory for the files.")] = None,
    as_json: AsJson = False,
    question_column: QuestionColumn = None,
    answer_column: AnswerColumn = None,
    merge_answers: MergeAnswers = False,
) -> None:
    """Measure answer-level retrieval accuracy with 95% intervals."""
    from rich.console import Console

    from evaluation.queries import check_against, read_queries
    from evaluation.ranking import rank_all
    from evaluation.report import comparison, to_json, write_report
    from evaluation.retrieval import evaluate
    from evaluation.run import qrels_of

    entries = _read_faq(faq, question_column, answer_column, merge_answers)
    asked = read_queries(queries)
    check_against(asked, entries)
    runs = {
        name.value: rank_all(_ranker(name, entries, encoder), asked) for name in mode or list(Mode)
    }
    reports = {name: evaluate(run, qrels_of(asked)) for name, run in runs.items()}
    if output is not None:
        write_report(output, asked, runs, reports)
    if as_json:
        _print_json(to_json(reports))
    else:
        Console().print(comparison(reports))


@eval_app.command("sts", epilog="Example: `mundap eval sts --data korsts_dev.parquet --json`")
def eval_sts(
    data: Annotated[Path, typer.Option(help="Columns sentence1, sentence2, score (0-5).")],
    encoder: EncoderName = "default",
    as_json: AsJson = False,
) -> None:
    """Measure how well cosines agree with people's similarity scores."""
    from evaluation.sts import evaluate_sts, read_sts

    report = evaluate_sts(_load_encoder(encoder), read_sts(data)).to_json()
    if as_json:
        _print_json(report)
        return
    for name, value in report.items():
        typer.echo(f"{name:9} {value:.4f}" if isinstance(value, float) else f"{name:9} {value}")


@data_app.command("import", epilog="Example: `mundap data import raw.csv faq.parquet`")
def data_import(
    source: Annotated[Path, typer.Argument(help="Parquet, CSV, JSON Lines, Excel or a folder.")],
    output: Annotated[Path, typer.Argument(help="FAQ to write; its suffix names the format.")],
    question_column: QuestionColumn = None,
    answer_column: AnswerColumn = None,
    merge_answers: MergeAnswers = False,
) -> None:
    """Turn any table of questions and answers into a FAQ."""
    from index.faq import read_faq, write_faq

    entries = read_faq(
        source,
        question_column=question_column,
        answer_column=answer_column,
        merge_answers=merge_answers,
    )
    write_faq(entries, output)
    typer.echo(f"{len(entries)} entries written to {output}", err=True)


@data_app.command(
    "export", epilog="Example: `mundap data export faq.parquet faq.csv --encoding cp949`"
)
def data_export(
    faq: Annotated[Path, typer.Argument(help="FAQ file or folder.")],
    output: Annotated[Path, typer.Argument(help="File to write; its suffix names the format.")],
    encoding: Annotated[
        Literal["utf-8", "utf-8-sig", "cp949"], typer.Option(help="Of a CSV file.")
    ] = "utf-8",
) -> None:
    """Write a FAQ in another format, losing nothing."""
    from index.faq import read_faq, write_faq

    entries = read_faq(faq)
    write_faq(entries, output, encoding=encoding)
    typer.echo(f"{len(entries)} entries written to {output}", err=True)


@data_app.command("download", epilog="Example: `mundap data download korsts --output data`")
def data_download(
    name: Annotated[str, typer.Argument(help="Name of a data set, or `list`.")],
    output: Annotated[Path, typer.Option(help="Folder for the Parquet files.")] = Path("."),
    base_url: Annotated[
        str | None, typer.Option(envvar="MUNDAP_DATA_URL", help="A mirror to download from.")
    ] = None,
) -> None:
    """Download public Korean data, verify it and convert it to Parquet."""
    from training.catalogue import CATALOGUE
    from training.download import BASE_URL, download_dataset

    if name == "list":
        for dataset in CATALOGUE.values():
            typer.echo(f"{dataset.name:16} {dataset.licence:14} {dataset.description}")
        return
    with _bar(f"Downloading {name}") as advance:
        paths = download_dataset(
            name,
            output,
            progress=lambda held, total: advance(held, total or held),
            base_url=base_url or BASE_URL,
        )
    for path in paths:
        typer.echo(path)


def _read_faq(
    faq: Path | None, question_column: str | None, answer_column: str | None, merge_answers: bool
) -> Any:
    """Read the FAQ that was named, or the bundled one."""
    from chatbot.bundled import bundled_path
    from index.faq import read_faq

    return read_faq(
        faq or bundled_path("faq"),
        question_column=question_column,
        answer_column=answer_column,
        merge_answers=merge_answers,
    )


def _ranker(mode: Mode, entries: Any, encoder: str) -> Any:
    from evaluation.tfidf import TfidfRanker
    from index.lexical_index import LexicalIndex
    from index.passages import Passages
    from index.retriever import Retriever

    if mode is Mode.DENSE:
        return Retriever.build(_load_encoder(encoder), entries)
    ranker = LexicalIndex if mode is Mode.BM25 else TfidfRanker
    return ranker.build(Passages.of(entries))


def _similarity(encoder: str | None) -> Any:
    from chatbot.api_settings import ApiSettings
    from chatbot.settings import ChatSettings
    from chatbot.similarity import Similarity
    from index.encoder import DEFAULT_ENCODER

    source = encoder or ApiSettings.load().sts_encoder or DEFAULT_ENCODER
    with _bar("Preparing the base encoder") as advance:
        _prepare_encoder(source, advance)
    return Similarity.load(source, ChatSettings.load().home)


def _counted(items: Any, total: int, advance: Any) -> Any:
    for done, item in enumerate(items, start=1):
        yield item
        if done % 256 == 0 or done == total:
            advance(done, total)


def _write_pieces(pieces: Any, path: Path) -> None:
    from uuid import uuid4

    partial = path.with_name(f".{path.name}-{uuid4().hex}")
    try:
        with partial.open("wb") as file:
            file.writelines(pieces)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def _load_encoder(encoder: str) -> Any:
    from index.encoder import load_encoder

    with _bar("Preparing the base encoder") as advance:
        _prepare_encoder(encoder, advance)
    return load_encoder(encoder)


def _prepare_encoder(encoder: str, advance: Any) -> None:
    from index.default_encoder import default_encoder_path
    from index.encoder import DEFAULT_ENCODER

    if encoder == DEFAULT_ENCODER:
        default_encoder_path(advance)


def _encoder_source(encoder: str) -> str:
    """Return what the index will load its encoder by, wherever it is opened from."""
    return str(Path(encoder).resolve()) if Path(encoder).exists() else encoder


def _bar(description: str) -> Any:
    """Return a context whose value, called with (done, total), shows a bar on standard error."""
    from contextlib import contextmanager

    from tqdm import tqdm

    @contextmanager
    def shown() -> Any:
        bar: Any = None

        def advance(done: int, total: int) -> None:
            nonlocal bar
            if bar is None:
                bar = tqdm(total=total, desc=description, dynamic_ncols=True)
            bar.total = total
            bar.update(done - bar.n)

        try:
            yield advance
        finally:
            if bar is not None:
                bar.close()

    return shown()


def _print_json(value: Any) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2))


if __name__ == "__main__":
    main()
