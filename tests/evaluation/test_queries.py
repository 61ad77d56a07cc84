import pandas as pd
import pytest

from mundap.evaluation.queries import Query, QueryError, check_against, read_queries, read_texts
from mundap.index.faq.entry import FaqEntry
from mundap.index.tables.table import TableError
from mundap.index.tables.table_writer import write_table

QUERIES = [
    Query("q0001", "배송비 얼마야?", "배송-1"),
    Query("q0002", "refund 언제 돼요ㅠㅠ", "환불-1"),
]


@pytest.mark.parametrize("suffix", [".csv", ".parquet", ".jsonl", ".xlsx"])
def test_queries_read_alike_from_every_format(tmp_path, suffix):
    rows = [{"query": query.text, "entry_id": query.entry_id} for query in QUERIES]
    write_table(pd.DataFrame(rows), tmp_path / f"q{suffix}")
    assert read_queries(tmp_path / f"q{suffix}") == QUERIES


def test_a_folder_of_files_is_one_set_of_queries(tmp_path):
    for name, query in zip("ab", QUERIES, strict=True):
        (tmp_path / f"{name}.csv").write_text(f"query,entry_id\n{query.text},{query.entry_id}\n")
    assert read_queries(tmp_path) == QUERIES


def test_stated_query_ids_are_kept(tmp_path):
    path = tmp_path / "q.csv"
    path.write_text("query_id,query,entry_id\n질의-7,안녕,인사\n")
    assert read_queries(path) == [Query("질의-7", "안녕", "인사")]


def test_ids_made_up_for_many_queries_sort_in_file_order(tmp_path):
    path = tmp_path / "q.csv"
    path.write_text("query,entry_id\n" + "안녕,인사\n" * 10_001)
    ids = [query.query_id for query in read_queries(path)]
    assert (ids[0], ids[-1]) == ("q00001", "q10001")
    assert ids == sorted(ids)


def test_a_query_stays_as_it_was_typed(tmp_path):
    path = tmp_path / "q.csv"
    path.write_text("query,entry_id\n  배송비   얼마 ,배송-1\n", encoding="utf-8")
    assert read_queries(path)[0].text == "  배송비   얼마 "


def test_numbers_for_ids_are_read_as_text(tmp_path):
    pd.DataFrame({"query": ["안녕"], "entry_id": [7]}).to_parquet(tmp_path / "q.parquet")
    assert read_queries(tmp_path / "q.parquet") == [Query("q0001", "안녕", "7")]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("query,entry_id\n", r"q\.csv: no rows\. Add at least one query"),
        ("query,entry_id\n안녕,a\n \u200b,a\n", r"q\.csv, row 3: the query is empty"),
        ("query,entry_id\n안녕,\n", r"q\.csv, row 2: entry_id is empty"),
        ("query,entry_id,query_id\n안녕,a,\n", r"row 2: query_id is empty"),
        ("query,entry_id,query_id\n안녕,a,x\n응,a,x\n", r"row 3: query_id 'x' stands twice"),
    ],
)
def test_a_bad_row_is_named(tmp_path, text, message):
    path = tmp_path / "q.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(QueryError, match=message):
        read_queries(path)


@pytest.mark.parametrize("missing", [None, float("nan"), pd.NA])
def test_a_cell_without_text_is_empty(tmp_path, missing):
    frame = pd.DataFrame({"query": ["안녕", missing], "entry_id": ["a", "b"]}, dtype=object)
    frame.to_parquet(tmp_path / "q.parquet")
    with pytest.raises(QueryError, match="row 3: the query is empty"):
        read_queries(tmp_path / "q.parquet")


def test_a_missing_column_is_named_with_what_was_found(tmp_path):
    path = tmp_path / "q.csv"
    path.write_text("q,entry_id\n안녕,a\n")
    with pytest.raises(TableError, match="missing column 'query'; found 'q', 'entry_id'"):
        read_queries(path)


def test_texts_need_a_query_column_alone(tmp_path):
    path = tmp_path / "out.csv"
    path.write_text("query,kind\n주식 추천해 줘,far\n도매가 되나요?,near\n")
    assert read_texts(path) == ["주식 추천해 줘", "도매가 되나요?"]


def test_an_empty_text_is_named(tmp_path):
    path = tmp_path / "out.csv"
    path.write_text('query,kind\n"",far\n')
    with pytest.raises(QueryError, match="row 2: the query is empty"):
        read_texts(path)


def test_entry_ids_that_the_faq_lacks_are_named_once_each():
    entries = [FaqEntry("a", "안녕", "네")]
    queries = [Query(f"q{n}", "안녕", entry_id) for n, entry_id in enumerate("abbcdefgh")]
    with pytest.raises(
        QueryError, match=r"7 entry_id .* \(1 entries\): 'b', 'c', 'd', 'e', 'f' and 2"
    ):
        check_against(queries, entries)
    assert check_against(queries[:1], entries) is None
