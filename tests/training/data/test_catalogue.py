import csv
import re
from collections import Counter
from pathlib import Path
from urllib.parse import quote

import pytest

from mundap.training.data.catalogue import CATALOGUE, Dataset, Origin

# One line for each file, written down apart from the catalogue when the files were chosen.
FACTS = Path(__file__).parent / "origins.csv"

NAMES = (
    "chatbot-data",
    "question-pair",
    "parakqc",
    "korsts",
    "kornli",
    "klue-sts",
    "klue-nli",
    "nsmc",
    "intention-3i4k",
)
FILES = [
    pytest.param(dataset, origin, id=origin.table)
    for dataset in CATALOGUE.values()
    for origin in dataset.files
]


def test_the_catalogue_has_these_data_sets_in_this_order() -> None:
    assert tuple(CATALOGUE) == NAMES
    assert tuple(dataset.name for dataset in CATALOGUE.values()) == NAMES


def test_the_catalogue_agrees_with_the_recorded_origins() -> None:
    columns = ("repository", "commit", "path", "git_blob_sha1", "licence")
    with FACTS.open(encoding="utf-8", newline="") as file:
        facts = {tuple(row[column] for column in columns) for row in csv.DictReader(file)}
    stated = {
        (origin.repository, origin.commit, origin.path, origin.git_blob_sha1, dataset.licence)
        for dataset in CATALOGUE.values()
        for origin in dataset.files
    }
    assert stated == facts


@pytest.mark.parametrize(("dataset", "origin"), FILES)
def test_an_origin_names_a_fixed_version_of_one_file(dataset: Dataset, origin: Origin) -> None:
    assert re.fullmatch(r"[\w.-]+/[\w.-]+", origin.repository)
    assert re.fullmatch(r"[0-9a-f]{40}", origin.commit)
    assert re.fullmatch(r"[0-9a-f]{40}", origin.git_blob_sha1)
    assert quote(origin.path) == origin.path
    assert dataset.licence in {"MIT", "CC-BY-SA-4.0", "CC0-1.0"}


@pytest.mark.parametrize(("dataset", "origin"), FILES)
def test_a_table_is_named_after_its_data_set(dataset: Dataset, origin: Origin) -> None:
    assert re.fullmatch(r"[a-z0-9_]+", origin.table)
    assert origin.table.startswith(dataset.name.replace("-", "_"))


def test_no_two_files_share_a_table_or_a_content() -> None:
    origins = [origin for dataset in CATALOGUE.values() for origin in dataset.files]
    assert max(Counter(origin.table for origin in origins).values()) == 1
    assert max(Counter(origin.git_blob_sha1 for origin in origins).values()) == 1


def test_a_description_is_one_sentence() -> None:
    for dataset in CATALOGUE.values():
        assert re.fullmatch(r"[^\n]{1,80}\.", dataset.description), dataset.name


def test_the_catalogue_cannot_be_changed() -> None:
    with pytest.raises(TypeError, match="does not support item assignment"):
        CATALOGUE["nsmc"] = CATALOGUE["korsts"]  # type: ignore[index]
