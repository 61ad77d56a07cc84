"""How a table holds a FAQ."""

from dataclasses import dataclass
from typing import Annotated


@dataclass(frozen=True, slots=True)
class FaqColumns:
    """Which columns are read; None finds one by its usual headings.

    `merge_answers` makes one entry of all rows with the same answer, the later questions
    becoming alternates. The texts beside the fields are the help of their options.
    """

    question_column: Annotated[str | None, "Column of the questions."] = None
    answer_column: Annotated[str | None, "Column of the answers."] = None
    merge_answers: Annotated[bool, "Make one entry of rows with the same answer."] = False


USUAL_COLUMNS = FaqColumns()
