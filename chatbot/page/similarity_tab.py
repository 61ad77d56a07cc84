"""The tab that compares sentences: two with each other, or a file of them with one."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import gradio as gr

from mundap.chatbot.page.similarity_html import alert, score, table
from mundap.chatbot.page.text import StsText, sts_text
from mundap.chatbot.settings import Language
from mundap.chatbot.similarity.output import TOP, to_csv
from mundap.chatbot.similarity.similarity import CHUNK, Best, RankedText, Similarity
from mundap.chatbot.similarity.table import SentenceTable, SentenceTableError

# Characters of one sentence.
MAX_LENGTH = 1000
# How often the page looks for uploads and results to delete, and their age then, in seconds.
KEEP_FILES = (600, 3600)

_PRIVATE: dict[str, Any] = {"api_visibility": "private"}
_QUICK: dict[str, Any] = {"queue": False, "show_progress": "hidden", **_PRIVATE}
_HIDDEN = {"visible": False, "value": None}

# What a ranking changes on the page: table and download.
Shown = tuple[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class _Parts:
    """The components of the tab that have words."""

    tab: gr.Tab
    pair: gr.HTML
    first: gr.Textbox
    second: gr.Textbox
    compare: gr.Button
    about_file: gr.HTML
    base: gr.Textbox
    file: gr.File
    column: gr.Textbox
    rank: gr.Button
    download: gr.DownloadButton


def add_sts_tab(chat_tab: gr.Tab, language: gr.Radio, events: "StsEvents") -> None:
    """Put the tab beside the one of the chat; it follows the language chosen on the page."""
    words = _words(language.value)
    with gr.Tab(id="sts", elem_id="sts", **words["tab"]) as tab:
        pair = gr.HTML(**words["pair"])
        with gr.Row():
            first = gr.Textbox(elem_id="sts-first", lines=2, **words["first"])
            second = gr.Textbox(elem_id="sts-second", lines=2, **words["second"])
        compare = gr.Button(elem_id="sts-compare", variant="primary", **words["compare"])
        result = gr.HTML(elem_id="sts-result")
        about_file = gr.HTML(**words["about_file"])
        base = gr.Textbox(elem_id="sts-base", lines=1, **words["base"])
        with gr.Row():
            # Any suffix: what a file is, it says itself, and an old one says so in words.
            file = gr.File(elem_id="sts-file", height=150, **words["file"])
            column = gr.Textbox(elem_id="sts-column", lines=1, **words["column"])
        rank = gr.Button(elem_id="sts-rank", variant="primary", **words["rank"])
        ranked = gr.HTML(elem_id="sts-ranked")
        download = gr.DownloadButton(elem_id="sts-download", visible=False, **words["download"])
    parts = _Parts(
        tab, pair, first, second, compare, about_file, base, file, column, rank, download
    )
    _connect(parts, result, ranked, language, events)
    _connect_words(parts, chat_tab, language)


class StsEvents:
    """What the buttons of the tab do; holds nothing of a visitor."""

    def __init__(self, similarity: Similarity, max_rows: int) -> None:
        """`max_rows` is the most that a file may have."""
        self._similarity = similarity
        self._max_rows = max_rows

    def compare(self, first: str, second: str, language: Language) -> str:
        """Return the HTML that shows how similar two sentences are."""
        text = sts_text(language)
        problem = _problem(text, first, second)
        if problem is not None:
            return alert(problem)
        return score(self._similarity.score([(first, second)])[0], text)

    def rank(
        self,
        base: str,
        file: str | None,
        column: str,
        language: Language,
        progress: gr.Progress = gr.Progress(),  # noqa: B008
    ) -> Shown:
        """Return the closest sentences of a file as HTML, and a CSV file with all of them."""
        text = sts_text(language)
        problem = _problem(text, base)
        if problem is not None or file is None:
            return alert(problem or text.no_file), gr.update(**_HIDDEN)
        with Path(file).open("rb") as opened:
            try:
                found = SentenceTable.check(
                    opened, column=column.strip() or None, max_rows=self._max_rows
                )
            except SentenceTableError as error:
                return alert(text.problems[error.code], str(error)), gr.update(**_HIDDEN)
            return self._ranked(base, found, text, progress)

    def _ranked(
        self, base: str, found: SentenceTable, text: StsText, progress: gr.Progress
    ) -> Shown:
        best = Best(TOP)
        ranked = best.watch(self._similarity.rank(base, found.texts()))
        watched = _reported(ranked, found.rows, progress)
        with TemporaryDirectory() as folder:
            path = Path(folder) / "similarity.csv"
            with path.open("wb") as output:
                output.writelines(to_csv(watched))
            # Into the page's own cache, which is emptied by and by.
            kept = gr.processing_utils.save_file_to_cache(path, gr.utils.get_upload_folder())
        shown = table(best.items(), found, text)
        return shown, gr.update(value=kept, visible=True)


def _reported(
    ranked: Iterator[RankedText], total: int, progress: gr.Progress
) -> Iterator[RankedText]:
    for done, item in enumerate(ranked, start=1):
        if done % CHUNK == 0:
            progress((done, total), unit="")
        yield item


def _connect(
    parts: _Parts, result: gr.HTML, ranked: gr.HTML, language: gr.Radio, events: StsEvents
) -> None:
    pair = [parts.first, parts.second, language]
    parts.compare.click(events.compare, pair, result, **_QUICK)
    # Queued, one at a time: it lasts, shows how far it is, and takes a core.
    parts.rank.click(
        events.rank,
        [parts.base, parts.file, parts.column, language],
        [ranked, parts.download],
        concurrency_limit=1,
        show_progress_on=ranked,
        **_PRIVATE,
    )


def _connect_words(parts: _Parts, chat_tab: gr.Tab, language: gr.Radio) -> None:
    def speak(chosen: Language) -> list[Any]:
        tab = gr.update(label=sts_text(chosen).chat_tab)
        return [tab, *(gr.update(**words) for words in _words(chosen).values())]

    worded = [chat_tab, *(getattr(parts, field.name) for field in fields(parts))]
    language.input(speak, [language], worded, **_QUICK)


def _words(language: Language) -> dict[str, dict[str, Any]]:
    """Return what each of `_Parts` says, in their order."""
    text = sts_text(language)
    return {
        "tab": {"label": text.tab},
        "pair": {"value": f"<h2>{text.pair}</h2><p>{text.scale}</p>"},
        "first": {"label": text.first},
        "second": {"label": text.second},
        "compare": {"value": text.compare},
        "about_file": {"value": f"<h2>{text.file}</h2><p>{text.about_file}</p>"},
        "base": {"label": text.base},
        "file": {"label": text.upload},
        "column": {"label": text.column},
        "rank": {"value": text.rank},
        "download": {"label": text.download},
    }


def _problem(text: StsText, *sentences: str) -> str | None:
    if not all(sentence.strip() for sentence in sentences):
        return text.blank
    if any(len(sentence) > MAX_LENGTH for sentence in sentences):
        return text.too_long.format(limit=MAX_LENGTH)
    return None
