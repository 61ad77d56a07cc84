import pytest

from mundap.index.first_line import first_line


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (ValueError("\n  no such file \nTraceback\n"), "no such file "),
        (ValueError("첫 줄\u2028둘째"), "첫 줄"),
        (ValueError(), "ValueError"),
        (KeyError(""), "''"),
    ],
)
def test_the_first_line_of_an_error_is_what_it_says_or_its_kind(
    error: Exception, line: str
) -> None:
    assert first_line(error) == line
