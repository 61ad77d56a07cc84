from mundap.index.faq.entry import FaqEntry
from mundap.index.faq.entry_ids import question_id
from mundap.index.faq.problems import FaqProblem, find_problems, places, problem_lines

SOUND = FaqEntry("fee", "배송비는 얼마인가요?", "3,000원이에요.", ("택배 요금",))


def kinds(*entries):
    return [(problem.kind, problem.entry_ids) for problem in find_problems(entries)]


def test_a_sound_entry_has_no_problem():
    assert find_problems([SOUND]) == []


def test_one_phrasing_with_two_answers_is_a_contradiction():
    other = FaqEntry("cost", "운임", "5,000원이에요.", ("배송비는  얼마인가요?",))
    (found,) = find_problems([SOUND, other])
    assert (found.kind, found.entry_ids) == ("contradiction", ("fee", "cost"))
    assert found.met == "'배송비는 얼마인가요?' asks for 2 entries"
    assert found.mend == "Keep the phrasing in the entry that answers it."
    assert found.is_fault


def test_one_answer_in_two_entries_is_a_duplicate_and_told_once():
    other = FaqEntry("cost", "택배 요금", "3,000원이에요. ", ("운임",))
    (found,) = find_problems([SOUND, other])
    assert (found.kind, found.entry_ids) == ("duplicate", ("fee", "cost"))
    assert found.examples == ("배송비는 얼마인가요?", "택배 요금")
    assert "--merge-answers" in found.mend


def test_texts_without_a_word_and_long_ones_are_named():
    wordless = FaqEntry("a", "???", "-", ("😀", "환불?"))
    long = FaqEntry("b", "저기요 " * 100 + "환불?", "네. " * 400, ("짧게",))
    found = find_problems([wordless, long])
    assert [(problem.kind, problem.entry_ids[0]) for problem in found] == [
        ("text", "a"),
        ("text", "a"),
        ("text", "a"),
        ("text", "b"),
        ("text", "b"),
    ]
    assert [problem.met for problem in found[:3]] == [
        "'???' holds no word",
        "'😀' holds no word",
        "'-' answers without a word",
    ]
    assert "has 403 characters; an encoder may read 250" in found[3].met
    assert "answers in 1,200 characters; 1,000 fill a telephone" in found[4].met
    assert all(len(problem.met) < 120 for problem in found)


def test_an_entry_without_an_alternate_is_advice_and_no_fault():
    (found,) = find_problems([FaqEntry("x", "환불?", "네.")])
    assert (found.kind, found.entry_ids, found.is_fault) == ("lone", ("x",), False)
    assert found.examples == ("환불?",)


def test_what_an_export_left_in_texts_is_named_with_its_text():
    left = FaqEntry("x", "<b>환불</b>?", "$name$님, 위 3번 참고", ("반품",))
    assert kinds(left) == [("tag", ("x",)), ("marker", ("x",)), ("reference", ("x",))]
    found = find_problems([left])
    assert found[0].met == "'<b>환불</b>?' holds the HTML '<b>'"
    assert [problem.is_fault for problem in found] == [True, True, False]
    assert found[2].examples == ("$name$님, 위 3번 참고",)


def test_a_question_that_is_only_a_category_is_named():
    entries = [
        FaqEntry("a", "[배송]", "3일 걸려요.", ("언제 와요?",), "배송/교환"),
        FaqEntry("b", "교환", "7일 안에요.", ("바꿔 줘",), "배송/교환"),
        FaqEntry("c", "교환 방법", "앱에서요.", ("교환",), "배송/교환"),
    ]
    found = [problem for problem in find_problems(entries) if problem.kind == "category"]
    assert [(problem.entry_ids, problem.is_fault) for problem in found] == [
        (("a",), False),
        (("b",), False),
    ]
    assert found[0].met == "'[배송]' is only a category, not a question"


def test_what_most_answers_end_with_is_one_finding_with_its_entries():
    entries = [
        FaqEntry(f"e{n}", f"물음 {n}", f"답은 {n}이에요.\n도움이 되었나요?\n- {n}", (f"또 {n}",))
        for n in range(5)
    ]
    (found,) = find_problems([*entries, SOUND])
    assert (found.kind, found.entry_ids) == ("boilerplate", ("e0", "e1", "e2", "e3", "e4"))
    assert found.met == "5 answers end with '도움이 되었나요?' and what follows it"
    assert not found.is_fault


def test_what_a_new_import_mends_comes_first():
    wrong = FaqEntry("x", "배송", "<b>네</b>", category="배송")
    broken = FaqEntry("y", "???", "배송\ufffd")
    assert [kind for kind, _ in kinds(wrong, broken)] == [
        *("mojibake", "tag", "text", "category", "lone"),
    ]


def test_an_entry_is_named_by_the_row_of_its_file_and_the_id_it_has_there():
    question, answer = "환불?", "네."
    derived = question_id(question)
    entries = [
        FaqEntry("fee", "배송비?", "무료", (), "", "faq.csv, row 3"),
        FaqEntry(derived, question, answer, (), "", "faq.csv, row 7"),
        FaqEntry("nowhere", "교환?", "네."),
    ]
    assert list(places(entries).values()) == ["faq.csv, row 3 (fee)", "faq.csv, row 7", "nowhere"]


def test_the_json_says_whether_it_is_a_fault():
    problem = FaqProblem("confusable", ("a", "b"), "met", "mend", ("하나", "둘"), 0.9)
    assert problem.to_dict() == {
        "kind": "confusable",
        "entry_ids": ("a", "b"),
        "met": "met",
        "mend": "mend",
        "examples": ("하나", "둘"),
        "cosine": 0.9,
        "is_fault": False,
    }


def test_a_terminal_shows_ten_of_a_kind_and_five_entries_of_each():
    many = [FaqProblem("text", tuple("abcdefg"), f"met {n}", "mend it") for n in range(12)]
    few = [FaqProblem("lone", ("x",), "alone", "add some")]
    entries = [FaqEntry(entry_id, "질문", "답") for entry_id in "abcdefgx"]
    lines = problem_lines([*many, *few], entries)
    assert lines[0] == "8 entries: text 12, lone 1"
    assert lines[2:5] == [
        "text (12, the first 10)",
        "- met 0 (a, b, c, d, e and 2 more)",
        "  mend it",
    ]
    assert lines[-3:] == ["lone (1)", "- alone (x)", "  add some"]
    assert len(lines) == 1 + 2 + 20 + 2 + 2
    assert problem_lines([], entries[:3]) == ["3 entries: nothing found"]
