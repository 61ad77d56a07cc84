from pathlib import Path

import pytest

from tests.command_lines import Mundap, assert_refused


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        # Usage.
        ("ask 환불 -k 0", "Invalid value for '-k'.*greater than or equal to 1"),
        ("ask", "Missing argument 'QUERY'"),
        ("ask 환불 --jsn", "No such option: --jsn"),
        ("indx", "No such command 'indx'"),
        ("index build --faq faq.csv --output i --index bogus", "'bogus' is not one of"),
        ("index build --faq faq.csv --output i --keep 0", "Invalid value for '--keep'"),
        (
            "eval retrieval --faq faq.csv --queries queries.csv --mode nope",
            "'--mode': 'nope' is not one",
        ),
        # Files that are not there, or not what they should be.
        ("ask 환불 --faq nope.csv", "nope.csv: no such FAQ file or folder"),
        ("index build --faq nope.csv --output i", "nope.csv: no such file or folder"),
        ("index build --faq columns.csv --output i", "no question column; found 'foo', 'bar'"),
        ("index build --faq rows.csv --output i", "rows.csv: no rows"),
        ("index build --faq damaged.parquet --output i", "not a readable parquet table"),
        ("index build --faq empty --output i", "empty: no table in this folder"),
        ("index build --faq faq.csv --output faq.csv", "faq.csv/generations: Not a directory"),
        ("index build --faq faq.csv --output i --out-of-scope faq.csv", "missing column 'query'"),
        ("eval retrieval --faq faq.csv --queries faq.csv", "faq.csv: missing column 'query'"),
        ("eval retrieval --faq faq.csv --queries strangers.csv", "'nobody'"),
        (
            "eval report --queries strangers.csv --faq faq.csv --encoder default --output o",
            "'nobody'",
        ),
        ("eval compare faq.csv", "faq.csv, line 1: 1 fields; wanted `query_id Q0 entry_id"),
        ("eval compare nope.trec empty", "nope.trec: cannot be read .No such file"),
        ("eval compare empty empty", "empty holds no run.trec"),
        ("data lint --faq faq.csv --cosine 2", "the least cosine is 2.0; wanted above 0"),
        ("eval sts --data faq.csv", "missing column 'sentence1', 'sentence2', 'score'"),
        ("data import faq.csv faq.pdf", "faq.pdf: unknown table type '.pdf'"),
        ("data import faq.csv x.csv --question-column Q", "missing column 'Q'"),
        ("train --data nope.csv --output e", "nope.csv: no such file or folder"),
        ("train --data columns.csv --output e", "no question column"),
        ("train --data faq.csv --output e --epochs 0", "epochs is 0; wanted 1 to"),
        ("doctor --faq nope.csv", "nope.csv: no such FAQ file or folder"),
        # Encoders.
        ("index build --faq faq.csv --output i --encoder ./nope", "no such encoder directory"),
        ("index build --faq faq.csv --output i --encoder empty", "neither modules.json nor config"),
        ("index build --faq faq.csv --output i --encoder faq.csv", "no such encoder directory"),
        ("index build --faq faq.csv --output i --encoder some/encoder", "some/encoder: neither a"),
        ("eval sts --data sts.csv --encoder some/encoder", '"default" needs no network'),
        # Indexes.
        ("ask 환불 --index empty", "empty: no index here. Build one with `mundap index build`"),
        ("index verify empty", "empty: no index here"),
        ("index list empty", "empty: no index here"),
        ("index info nope", "nope: no index here"),
        ("index rollback letters", "letters: no index here"),
        # Data sets and settings.
        ("data download nope", "No data set is called 'nope'; wanted chatbot-data, "),
        ("chat --port 99999", "setting port = 99999: .*65535"),
    ],
)
def test_bad_input_is_refused_in_one_sentence(
    arguments: str, reason: str, mundap: Mundap, files: Path
) -> None:
    before = sorted(files.rglob("*"))
    assert_refused(mundap(*arguments.split()), reason)
    assert sorted(files.rglob("*")) == before


@pytest.mark.parametrize(
    ("variable", "value", "reason"),
    [
        ("MUNDAP_PORT", "abc", "setting port = 'abc': "),
        ("MUNDAP_LANGUAGE", "fr", "setting language = 'fr': .*'ko' or 'en'"),
        ("MUNDAP_FAQ", "nope.csv", "nope.csv: no such FAQ file or folder"),
        ("MUNDAP_SUGGESTIONS", "-1", "setting suggestions = '-1': "),
        (
            "MUNDAP_PROT",
            "80",
            r"MUNDAP_PROT is unknown \(did you mean PORT\?\).* FAQ, .*TITLE, each",
        ),
        (
            "MUNDAP_TEXTS_KO__UNKNWON",
            "x",
            r"texts_ko.unknwon is unknown \(did you mean unknown\?\)",
        ),
    ],
)
def test_a_bad_environment_variable_is_refused(
    variable: str, value: str, reason: str, mundap: Mundap, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, value)
    assert_refused(mundap("ask", "환불"), reason)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (
            "prot = 8000\n",
            r"prot is unknown \(did you mean port\?\); the settings .*faq, .* table \[api\]",
        ),
        ("port = = 8000\n", r"mundap.toml: Invalid value \(at line 1"),
    ],
)
def test_a_bad_settings_file_is_refused(
    text: str, reason: str, mundap: Mundap, tmp_path: Path
) -> None:
    (tmp_path / "mundap.toml").write_text(text, encoding="utf-8")
    assert_refused(mundap("ask", "환불"), reason)
