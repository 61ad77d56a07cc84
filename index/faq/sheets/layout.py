"""Where in a sheet a FAQ stands: its heading row, and which column is what."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import get_args

from mundap.index.faq.cells.cell_text import read_cell
from mundap.index.faq.sheets.column import Column, letters
from mundap.index.faq.sheets.column_contents import ColumnContents
from mundap.index.faq.sheets.columns import FaqColumns
from mundap.index.faq.sheets.glued_category import glued_categories, has_brackets
from mundap.index.faq.sheets.heading_row import Heading, HeadingError, first_rows
from mundap.index.faq.sheets.headings import (
    ENDS,
    EnglishRole,
    heading_key,
    heading_roles,
    is_english,
)
from mundap.index.tables.grid import Grid

# What the first cells that say something must say before contents alone decide.
_ENOUGH = 0.3


class LayoutError(ValueError):
    """A sheet holds no FAQ, as far as can be told; the message names neither file nor sheet."""


class EmptySheetError(LayoutError):
    """A sheet holds nothing at all."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Which column is what, where the rows begin, what was left out and why, what is not sure.

    `heading` is the number of the heading row, None where the sheet has none. `sure` says that
    both headings are known ones. `glued` are categories that stand in the cells of the questions,
    and `brackets` says that most begin with theirs in brackets. `english` are the columns of the
    same in English, by the fields of an entry.
    """

    columns: tuple[Column, ...]
    question: Column
    answer: Column
    category: Column | None
    alternates: tuple[Column, ...]
    entry_id: Column | None
    heading: int | None
    left_out: tuple[tuple[Column, str], ...]
    warnings: tuple[str, ...]
    sure: bool
    glued: frozenset[str]
    brackets: bool
    english: Mapping[EnglishRole, Column]

    @classmethod
    def of(cls, grid: Grid, wanted: FaqColumns) -> "Layout":
        """Look at the first rows of a sheet. Raises LayoutError."""
        return _Search(grid, wanted).layout()


class _Search:
    """The first rows of one sheet, and what is to be found in them."""

    def __init__(self, grid: Grid, wanted: FaqColumns) -> None:
        self._grid, self._wanted = grid, wanted
        self._warnings: list[str] = []

    def layout(self) -> Layout:
        named = [*filter(None, (self._wanted.question_column, self._wanted.answer_column))]
        number = self._wanted.header_row
        try:
            rows = first_rows(self._grid)
            if not rows and not self._grid.headings:
                what = "sheet" if self._grid.sheet else "file"
                raise EmptySheetError(f"The {what} is empty; wanted a heading and rows")
            self._heading = Heading.find(self._grid, rows, number=number, named=named)
        except HeadingError as error:
            raise LayoutError(str(error)) from None
        heading = self._heading
        self._columns = [Column(place, name) for place, name in enumerate(heading.names)]
        self._roles = heading_roles(heading.names)
        self._contents = [ColumnContents.of(heading.below, c.place) for c in self._columns]
        question, answer = self._pair()
        told = heading.number is not None or self._grid.headings is not None
        if not told and number != 0:
            self._warnings.append(
                f"No heading was found, so the columns were told by what they hold: questions in "
                f"{question.label}, answers in {answer.label}."
            )
        taken = {question.place, answer.place}
        category = self._category(taken, told=told)
        taken |= {category.place} if category else set()
        entry_id = self._one("entry_id", taken)
        taken |= {entry_id.place} if entry_id else set()
        english = self._english((question, answer), taken)
        taken |= {column.place for column in english.values()}
        alternates = self._alternates(question, taken)
        taken |= {column.place for column in alternates}
        left_out = [
            (column, self._why(column, question, answer))
            for column in self._columns
            if column.place not in taken and (column.heading or self._contents[column.place].cells)
        ]
        asked = [] if category else self._contents[question.place].cells
        sure = self._strength(question, "question") and self._strength(answer, "answer")
        return Layout(
            tuple(self._columns),
            question,
            answer,
            category,
            alternates,
            entry_id,
            heading.number,
            tuple(left_out),
            tuple(self._warnings),
            bool(sure) or self._wanted.question_column is not None,
            glued_categories(asked),
            has_brackets([read_cell(text, plain=True)[0] for text in asked]),
            english,
        )

    def _pair(self) -> tuple[Column, Column]:
        question, answer = self._said("question"), self._said("answer")
        others = {c.place for c in self._others_named() if c not in (question, answer)}
        # What is in English stands beside what it translates.
        free = [c for c in self._columns if not is_english(self._roles[c.place])]
        pairs = [
            (self._fit(q, a), -q.place, -a.place, q, a)
            for q in ([question] if question else free)
            for a in ([answer] if answer else free)
            if q.place != a.place and not {q.place, a.place} & others
        ]
        if question and answer and not pairs:
            raise LayoutError("--question-column and --answer-column name the same column")
        best = max(pairs, default=None, key=lambda pair: pair[:3])
        if best is None or (best[0] < _ENOUGH and not (question and answer)):
            raise LayoutError(self._no_pair(question, answer))
        question, answer = best[3], best[4]
        self._doubt("question", question)
        self._doubt("answer", answer)
        return question, answer

    def _fit(self, question: Column, answer: Column) -> float:
        """Return how well two columns are question and answer: by headings, else by contents."""
        by_name = self._strength(question, "question"), self._strength(answer, "answer")
        named = self._wanted.question_column is not None, self._wanted.answer_column is not None
        if all(name or known for name, known in zip(by_name, named, strict=True)):
            return 10.0 + sum(by_name)
        asks, says = self._contents[question.place], self._contents[answer.place]
        if not asks.cells or not says.cells or asks.kind or (says.kind and not by_name[1]):
            return -1.0
        total = sum(by_name) / 2 + 2 * asks.questions - 2 * says.questions * (not by_name[1])
        total -= self._other(question, "question") + self._other(answer, "answer")
        if any(by_name) or any(named):
            return total + says.sentences
        longer = says.length >= 1.5 * asks.length and says.sentences >= 0.5
        if asks.different < 0.5 or not (longer or (asks.questions >= 0.5 and says.sentences > 0)):
            return -1.0
        return total + says.sentences

    def _strength(self, column: Column, role: str) -> int:
        found = self._roles[column.place]
        return found.strength if found is not None and found.role == role else 0

    def _other(self, column: Column, role: str) -> float:
        """Return how surely a heading says that the column is something else."""
        found = self._roles[column.place]
        return 0.0 if found is None or found.role == role else found.strength / 6

    def _doubt(self, role: str, column: Column) -> None:
        """Warn where a column was taken against its heading, or where two have the heading."""
        found = self._roles[column.place]
        option = f"--{role}-column"
        if getattr(self._wanted, f"{role}_column") is not None:
            return
        if found is None and column.heading:
            self._warnings.append(
                f"{column.label} was taken for the {role}s by what it holds; say otherwise with "
                f"{option}."
            )
        elif found is not None and found.role != role:
            self._warnings.append(
                f"{column.label} is named like the {found.role}s, but holds what looks like the "
                f"{role}s, and was taken for them; say otherwise with {option}."
            )
        elif found is not None:
            same = [c for c in self._columns if self._roles[c.place] == found and c != column]
            same = [c for c in same if c.heading == column.heading]
            if same:
                others = ", ".join(letters(c.place) for c in same)
                self._warnings.append(
                    f"{column.label} stands in columns {letters(column.place)} and {others}; "
                    f"{letters(column.place)} was taken; say otherwise with "
                    f"{option} {letters(same[0].place)}."
                )

    def _others_named(self) -> list[Column]:
        """Return the columns that options name for something else than questions and answers."""
        found = map(self._said, ("category", "alternates", *get_args(EnglishRole)))
        return [column for column in found if column is not None]

    def _said(self, role: str) -> Column | None:
        """Return the column that an option names for a role."""
        name: str | None = getattr(self._wanted, f"{role}_column")
        return self._named(name, f"--{role.replace('_', '-')}-column")

    def _named(self, name: str | None, option: str) -> Column | None:
        """Return the column that an option names: by heading, letter or number."""
        if name is None:
            return None
        for same in (str, heading_key):
            for column in self._columns:
                if column.heading and same(column.heading) == same(name):
                    return column
        for column in self._columns:
            if name.upper() == letters(column.place) or name == str(column.place + 1):
                return column
        raise LayoutError(
            f"missing column {name!r}; found {self._found()}. Name one of them with {option}"
        )

    def _one(self, role: str, taken: set[int]) -> Column | None:
        free = [c for c in self._columns if c.place not in taken and self._strength(c, role)]
        return max(free, key=lambda c: (self._strength(c, role), -c.place), default=None)

    def _category(self, taken: set[int], *, told: bool) -> Column | None:
        named = self._said("category")
        if named is not None or told:
            return named or self._one("category", taken)
        free = (c for c in self._columns if c.place not in taken)
        return next((c for c in free if self._contents[c.place].repeats), None)

    def _english(self, pair: tuple[Column, Column], taken: set[int]) -> dict[EnglishRole, Column]:
        """Return the columns of the same in English, as sure as those that they translate."""
        found: dict[EnglishRole, Column] = {}
        for role, of in zip(get_args(EnglishRole), pair, strict=True):
            named = self._said(role)
            column = named or self._one(role, taken)
            least = min(self._strength(of, role.removesuffix("_en")), ENDS)
            if column and (named or self._strength(column, role) >= least):
                found[role] = column
        return found

    def _alternates(self, question: Column, taken: set[int]) -> tuple[Column, ...]:
        named = self._said("alternates")
        if named is not None:
            return (named,)
        key = heading_key(question.heading)
        numbered = key.rstrip("0123456789")
        return tuple(
            column
            for column in self._columns
            if column.place not in taken
            and (
                self._strength(column, "alternates")
                or (
                    key != numbered and heading_key(column.heading).rstrip("0123456789") == numbered
                )
            )
        )

    def _why(self, column: Column, question: Column, answer: Column) -> str:
        """Say why a column was left out."""
        if kind := self._contents[column.place].kind:
            return kind
        role = self._roles[column.place]
        if role is not None and role.role in ("question", "answer"):
            taken = question if role.role == "question" else answer
            return f"{taken.label} was taken for the {role.role}s"
        if role is not None:
            return f"another {role.role} column was taken"
        return "its heading is not known" if column.heading else "it has no heading"

    def _no_pair(self, question: Column | None, answer: Column | None) -> str:
        """Say which of the two is missing, and name a column that may be meant."""
        has_question = question or any(self._strength(c, "question") for c in self._columns)
        role = "answer" if has_question else "question"
        free = [c for c in self._columns if not self._roles[c.place]]
        texts = [c for c in free if not self._contents[c.place].kind]
        others = texts or free or self._columns
        chosen = max(
            others,
            key=lambda c: getattr(
                self._contents[c.place], f"{role}s" if role == "question" else "length"
            ),
            default=None,
        )
        example = chosen.heading or letters(chosen.place) if chosen else role
        return (
            f"no {role} column; found {self._found()}. Name it with --{role}-column, for example "
            f"--{role}-column {example!r}"
        )

    def _found(self) -> str:
        labels = [c.label for c in self._columns if c.heading or self._contents[c.place].cells]
        row = self._heading.number
        return (", ".join(labels) or "none") + ("" if row is None else f" in row {row}")
