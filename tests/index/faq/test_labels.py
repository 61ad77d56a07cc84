from mundap.index.faq.labels import listed


def test_a_file_that_several_stand_in_is_named_once() -> None:
    labels = ["faq.csv, row 2", "faq.csv, row 7 (fee)", "b.xlsx, sheet 2, row 3", "cost", "x"]
    assert listed(labels) == "faq.csv, row 2, row 7 (fee), b.xlsx, sheet 2, row 3, cost, x"
    assert listed(["a", "a"]) == "a, a"


def test_five_are_named_and_the_rest_counted() -> None:
    assert listed([f"e{number}" for number in range(1_007)]) == "e0, e1, e2, e3, e4 and 1,002 more"
    assert listed([]) == ""
