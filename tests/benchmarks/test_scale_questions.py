import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from benchmarks.scale.questions import PlantedQuery, write_questions


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    reviews = [f"영화{n} 정말 참 재미{n} 있어요" for n in range(9)]
    commands = [f"내일{n} 날씨 좀 알려줘{n} 빨리" for n in range(9)]
    pq.write_table(pa.table({"text": reviews}), tmp_path / "nsmc_reviews.parquet")
    pq.write_table(pa.table({"text": commands}), tmp_path / "intention_3i4k.parquet")
    planted = {
        "intent_id": [0, 0, 1, 1],
        "question": ["메일을 지울까?", "메일 지워?", "비 와?", "비 오나?"],
    }
    pq.write_table(pa.table(planted), tmp_path / "parakqc_dev.parquet")
    return tmp_path


def test_questions_are_different_and_some_of_them_have_a_query(folder: Path) -> None:
    queries = write_questions(folder, 100, folder / "faq.jsonl")

    lines = (folder / "faq.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    questions = {row["entry_id"]: row["question"] for row in rows}
    assert len(rows) == len(questions) == len({*questions.values()}) == 100
    assert queries == [PlantedQuery("메일 지워?", "p0"), PlantedQuery("비 오나?", "p1")]
    assert (questions["p0"], questions["p1"]) == ("메일을 지울까?", "비 와?")


def test_a_seed_gives_the_same_questions_again(folder: Path) -> None:
    for name, seed in (("one", 3), ("same", 3), ("other", 4)):
        write_questions(folder, 50, folder / name, seed)

    one, same, other = ((folder / name).read_bytes() for name in ("one", "same", "other"))
    assert one == same != other


def test_more_questions_than_there_are_pairs_are_refused(folder: Path) -> None:
    with pytest.raises(ValueError, match="questions wanted; 324 can be made"):
        write_questions(folder, 400, folder / "faq.jsonl")
