import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from mundap.index.bundle import change
from mundap.index.bundle.bundle import Bundle
from mundap.index.bundle.manifest import BundleError, Manifest
from mundap.index.bundle.writer import BundleWriter
from mundap.index.faq.entry import FaqEntry
from tests.index.bundle.large import FAQ, build_large
from tests.tiny_encoder import TinyEncoder

NEW = FaqEntry("new", "마일리지는 언제 사라지나요?", "2년 뒤에요.", ("마일리지 기한",), "마일리지")
CHANGED = replace(FAQ[3], question="교환 말고 반품하고 싶어요", alternates=(), category="반품")
QUERIES = [
    "마일리지 언제 사라져요",
    "반품하고 싶어",
    "7번 쿠폰",
    "3번 교환은 언제 되나요?",
    "환불 0",
    "안녕?!",
]


def amend(directory: Path, changed: Sequence[FaqEntry], removed: Sequence[str] = ()) -> Manifest:
    with BundleWriter.locked(directory) as writer:
        manifest = writer.amend(changed, removed, TinyEncoder())
        writer.promote(manifest.generation, TinyEncoder())
    return manifest


def found(directory: Path, category: str | None = None) -> list[list[str]]:
    retriever = Bundle.open(directory, TinyEncoder()).retriever
    return [
        [hit.entry_id for hit in hits] for hits in retriever.search(QUERIES, 4, category=category)
    ]


@pytest.mark.parametrize("category", [None, "환불", "마일리지", "반품", "교환", "없음"])
def test_an_amended_faq_is_searched_as_one_that_was_built_so(
    category: str | None, tmp_path: Path
) -> None:
    build_large(tmp_path / "amended", TinyEncoder())
    kept = [entry for entry in FAQ if entry.entry_id not in ("e0", "e3")]

    manifest = amend(tmp_path / "amended", [NEW, CHANGED], ["e0"])

    Bundle.build(tmp_path / "built", [*kept, NEW, CHANGED], TinyEncoder())
    built = Bundle.open(tmp_path / "built", TinyEncoder()).manifest
    assert (manifest.entries, manifest.passages) == (built.entries, built.passages)
    assert manifest.large["amended"] == {"entries": 2, "gone": 2}
    for amended, wanted in zip(
        found(tmp_path / "amended", category), found(tmp_path / "built", category), strict=True
    ):
        # A word is as rare as it was, so what is alike may change places: the first does not.
        assert amended[:1] == wanted[:1]
        assert len(amended) == len(wanted)


def test_an_amended_faq_is_listed_as_it_is_now(tmp_path: Path) -> None:
    build_large(tmp_path, TinyEncoder())
    amend(tmp_path, [NEW, CHANGED], ["e0"])

    passages = Bundle.open(tmp_path, TinyEncoder()).retriever.passages

    listed = [passages.entries[place] for place in passages.places]
    assert listed == [e for e in FAQ if e.entry_id not in ("e0", "e3")] + [NEW, CHANGED]
    assert [passages.find(name) for name in ("e0", "e3", "new", "e7")] == [
        None,
        CHANGED,
        NEW,
        FAQ[7],
    ]
    assert [passages.entries[place] for place in passages.places_of("반품")] == [CHANGED]
    assert passages.examples(3)[0] not in (FAQ[0], FAQ[3])
    assert {"마일리지", "반품", "환불"} <= {*passages.category_names}


def test_what_was_amended_is_amended_again_and_taken_back(tmp_path: Path) -> None:
    build_large(tmp_path, TinyEncoder())
    first = found(tmp_path)
    amend(tmp_path, [NEW], ["e0"])
    once = found(tmp_path)
    amend(tmp_path, [CHANGED, replace(FAQ[0], answer="다시 있어요.")], ["new"])

    again = Bundle.open(tmp_path, TinyEncoder())
    passages = again.retriever.passages
    assert again.manifest.entries == len(FAQ)
    assert passages.find("new") is None
    assert passages.find("e0") == replace(FAQ[0], answer="다시 있어요.")
    with BundleWriter.locked(tmp_path) as writer:
        writer.rollback(TinyEncoder())
    assert found(tmp_path) == once
    with BundleWriter.locked(tmp_path) as writer:
        writer.rollback(TinyEncoder())
    assert found(tmp_path) == first


def test_files_that_stay_are_shared_and_outlive_the_generation_they_were_made_in(
    tmp_path: Path,
) -> None:
    build_large(tmp_path, TinyEncoder())
    for number in range(4):
        amend(tmp_path, [replace(NEW, answer=f"{number}년 뒤에요.")])
    with BundleWriter.locked(tmp_path) as writer:
        writer.prune(keep=2)

    names = sorted(path.name for path in (tmp_path / "generations").iterdir())
    vectors = [tmp_path / "generations" / name / "vectors.npy" for name in names]
    assert names == ["000004", "000005"]
    assert os.path.samefile(*vectors)
    assert found(tmp_path)[0][0] == "new"


def test_what_cannot_be_amended_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Bundle.build(tmp_path / "small", FAQ[:3], TinyEncoder())
    build_large(tmp_path / "large", TinyEncoder())

    with pytest.raises(BundleError, match="its 3 entries are built anew in one go"):
        amend(tmp_path / "small", [NEW])
    with pytest.raises(BundleError, match="no entry 'e99' to remove"):
        amend(tmp_path / "large", [], ["e1", "e99"])
    monkeypatch.setattr(change, "MOST", 1)
    with pytest.raises(
        BundleError, match=r"1 entries added or changed and 1 gone .* wanted 1 at most"
    ):
        amend(tmp_path / "large", [CHANGED])
    assert Bundle.open(tmp_path / "large", TinyEncoder()).manifest.generation == 1


def test_a_new_word_is_no_slip_of_an_old_one(tmp_path: Path) -> None:
    build_large(tmp_path, TinyEncoder())
    amend(tmp_path, [replace(NEW, question="적림금은 뭐예요?", alternates=("적림금",))])

    reading = Bundle.open(tmp_path, TinyEncoder()).retriever.query_layer.read("적림금 알려줘")

    assert (reading.text, reading.steps) == ("적림금 알려줘", ())
