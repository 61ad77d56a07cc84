"""Every command that reads a FAQ takes the same options, and none is advised that it lacks."""

import dataclasses
import json
from pathlib import Path
from typing import Annotated, get_origin, get_type_hints

import pytest

from mundap.chatbot.home.faq_settings import FILE, remember_columns, remembered_columns
from mundap.index.faq.sheets.columns import USUAL_COLUMNS, FaqColumns
from tests.command_lines import Mundap, assert_refused, commands

HINTS = get_type_hints(FaqColumns, include_extras=True)
OPTIONS = {
    f"--{field.name.replace('_', '-')}"
    for field in dataclasses.fields(FaqColumns)
    if get_origin(HINTS[field.name]) is Annotated
}
COMMANDS = {" ".join(path): command for path, command in commands()}
# Those that read a FAQ without an option of that name.
OTHERS = {"data import", "data export", "train", "mine", "search", "index build"}
# Those to which --faq says whose store and index they are for; the FAQ is read as it was before.
NAMING = ("improve", "unanswered", "faq ", "log ", "owner ")


def options_of(name: str) -> set[str]:
    return {option for parameter in COMMANDS[name].params for option in parameter.opts}


@pytest.mark.parametrize("name", COMMANDS)
def test_who_reads_a_faq_takes_every_option_of_one(name: str) -> None:
    taken = options_of(name)
    reads = name in OTHERS or name == "faq import"
    reads = reads or ("--faq" in taken and not name.startswith(NAMING))
    expected = OPTIONS if reads else set()
    assert taken & OPTIONS == expected


def test_ask_takes_columns_and_remembers_them(mundap: Mundap, files: Path) -> None:
    (files / "raw.csv").write_text("갑,을\n1,2\n", encoding="utf-8")
    refused = mundap("ask", "환불", "--faq", "raw.csv", "--question-column", "병")
    assert_refused(
        refused, "raw.csv: missing column '병'; found '갑', '을' in row 1. Name one of them with"
    )
    assert not (files / "home" / FILE).exists()
    bundled = mundap("ask", "환불", "--question-column", "갑")
    assert_refused(bundled, "The bundled FAQ is read as it is. Name a file with --faq")


def test_columns_are_kept_by_file_and_damage_is_no_harm(tmp_path: Path) -> None:
    one, two = tmp_path / "one.csv", tmp_path / "둘.csv"
    columns = FaqColumns(question_column="갑", header_row=0, keep_html=True)
    remember_columns(tmp_path, one, columns)
    remember_columns(tmp_path, two, FaqColumns(sheet="FAQ"))
    assert remembered_columns(tmp_path, one) == columns
    assert remembered_columns(tmp_path, two) == FaqColumns(sheet="FAQ")
    assert remembered_columns(tmp_path, tmp_path / "three.csv") == USUAL_COLUMNS
    assert columns.arguments() == ["--question-column", "갑", "--header-row", "0", "--keep-html"]
    (tmp_path / FILE).write_text(json.dumps({str(one): {"unknown": 1}}), encoding="utf-8")
    assert remembered_columns(tmp_path, one) == USUAL_COLUMNS
    (tmp_path / FILE).write_text("{", encoding="utf-8")
    assert remembered_columns(tmp_path, one) == USUAL_COLUMNS
