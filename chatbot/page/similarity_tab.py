"""The tab that compares sentences: two with each other, or a file of them with one."""

from dataclasses import dataclass, fields
from tempfile import TemporaryFile
from typing import Any

import gradio as gr

from mundap.chatbot.page.files import FileGoneError, Files
from mundap.chatbot.page.similarity_html import alert, download, score, table
from mundap.chatbot.page.text import StsText, sts_text
from mundap.chatbot.places import NoPlaceError, Places
from mundap.chatbot.similarity.output import TOP, csv_pieces
from mundap.chatbot.similarity.similarity import Best, Similarity
from mundap.chatbot.similarity.table import SentenceTable, SentenceTableError
from mundap.index.languages import Language

_QUICK: dict[str, Any] = {"queue": False, "show_progress": "hidden", "api_visibility": "private"}
# Takes the token of a file from what gradio's page knows of it: the server is sent nothing else.
_TOKEN = "(file) => file?.path ?? ''"


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


def add_sts_tab(chat_tab: gr.Tab, language: gr.HTML, events: "StsEvents") -> None:
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
        token = gr.Textbox(visible=False)
        rank = gr.Button(elem_id="sts-rank", variant="primary", **words["rank"])
        ranked = gr.HTML(elem_id="sts-ranked")
    parts = _Parts(tab, pair, first, second, compare, about_file, base, file, column, rank)
    _connect(parts, token, result, ranked, language, events)
    _connect_words(parts, chat_tab, language)


class StsEvents:
    """What the buttons of the tab do; holds nothing of a visitor but the files that were sent."""

    def __init__(
        self,
        similarity: Similarity,
        files: Files,
        rankings: Places,
        *,
        max_rows: int,
        max_length: int,
    ) -> None:
        """`rankings` are the places for files that are ranked, each of `max_rows` at most.

        A sentence has `max_length` characters at most.
        """
        self._similarity = similarity
        self._files = files
        self._rankings = rankings
        self._max_rows = max_rows
        self._max_length = max_length

    def compare(self, first: str, second: str, language: Language) -> str:
        """Return the HTML that shows how similar two sentences are."""
        text = sts_text(language)
        problem = self._problem(text, first, second)
        if problem is not None:
            return alert(problem)
        return score(self._similarity.score([(first, second)])[0], text)

    def rank(self, base: str, token: str, column: str, language: Language) -> str:
        """Return the closest sentences of a file that was sent, and a link to all, as HTML."""
        text = sts_text(language)
        problem = self._problem(text, base)
        if problem is not None:
            return alert(problem)
        try:
            sent = self._files.get(token)
            with self._rankings.taken(sent.owner), sent.open() as opened:
                found = SentenceTable.check(
                    opened, column=column.strip() or None, max_rows=self._max_rows
                )
                return self._ranked(base, found, text, sent.owner)
        except FileGoneError:
            return alert(text.no_file)
        except NoPlaceError:
            return alert(text.busy)
        except SentenceTableError as error:
            return alert(text.problems[error.code], str(error))

    def _problem(self, text: StsText, *sentences: str) -> str | None:
        if not all(sentence.strip() for sentence in sentences):
            return text.blank
        if any(len(sentence) > self._max_length for sentence in sentences):
            return text.too_long.format(limit=self._max_length)
        return None

    def _ranked(self, base: str, found: SentenceTable, text: StsText, owner: str) -> str:
        best = Best(TOP)
        with TemporaryFile() as output:
            output.writelines(csv_pieces(best.watch(self._similarity.rank(base, found.texts()))))
            output.seek(0)
            token = self._files.keep(output, owner)
        return table(best.items(), found, text) + download(token, text)


def _connect(
    parts: _Parts,
    token: gr.Textbox,
    result: gr.HTML,
    ranked: gr.HTML,
    language: gr.HTML,
    events: StsEvents,
) -> None:
    pair = [parts.first, parts.second, language]
    parts.compare.click(events.compare, pair, result, **_QUICK)
    parts.file.change(None, [parts.file], [token], js=_TOKEN, **_QUICK)
    # It lasts, but gradio's queue would let everybody wait behind one and keeps who left.
    waiting = {**_QUICK, "show_progress": "full"}
    parts.rank.click(events.rank, [parts.base, token, parts.column, language], ranked, **waiting)


def _connect_words(parts: _Parts, chat_tab: gr.Tab, language: gr.HTML) -> None:
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
    }
