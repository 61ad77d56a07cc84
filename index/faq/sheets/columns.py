"""How a table holds a FAQ, where its owner says so."""

from dataclasses import asdict, dataclass
from typing import Annotated


@dataclass(frozen=True, slots=True)
class FaqColumns:
    """What is read from where; None finds it by headings and contents.

    A column is named by its heading, or by its letter or number as a spreadsheet counts.
    `merge_answers` makes one entry of all rows with the same answer, the later questions
    becoming alternates. The texts beside the fields are the help of their options.
    """

    question_column: Annotated[
        str | None, "Column of the questions: heading, letter or number."
    ] = None
    answer_column: Annotated[str | None, "Column of the answers."] = None
    category_column: Annotated[str | None, "Column of the categories."] = None
    alternates_column: Annotated[str | None, "Column of other phrasings of the question."] = None
    question_en_column: Annotated[str | None, "Column of the questions in English."] = None
    answer_en_column: Annotated[str | None, "Column of the answers in English."] = None
    alternates_separator: Annotated[str | None, "What parts the phrasings in one cell."] = None
    sheet: Annotated[str | None, "The one sheet to read, by name or number."] = None
    header_row: Annotated[int | None, "Row of the headings; 0 where there are none."] = None
    keep_html: Annotated[bool, "Leave HTML in cells as it is."] = False
    merge_answers: Annotated[bool, "Make one entry of rows with the same answer."] = False

    def __post_init__(self) -> None:
        if self.header_row is not None and self.header_row < 0:
            raise ValueError(f"--header-row is {self.header_row}; wanted 0 or more.")
        if self.alternates_separator == "":
            raise ValueError("--alternates-separator is empty; wanted what parts the phrasings.")

    def given(self) -> dict[str, str | int | bool]:
        """Return the fields that say something."""
        fields = asdict(self).items()
        return {name: said for name, said in fields if said is not None and said is not False}

    def arguments(self) -> list[str]:
        """Return what says the same on a command line."""
        found: list[str] = []
        for name, value in self.given().items():
            option = f"--{name.replace('_', '-')}"
            found += [option] if value is True else [option, str(value)]
        return found


USUAL_COLUMNS = FaqColumns()
