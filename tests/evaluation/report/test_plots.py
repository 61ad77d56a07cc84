import re
from xml.etree import ElementTree

import numpy as np
import pytest

from mundap.evaluation.report.plots import (
    draw_accuracy,
    draw_reliability,
    draw_risk_coverage,
    draw_spread,
)
from mundap.evaluation.statistics.bootstrap import Estimate
from mundap.evaluation.statistics.confidence import ConfidenceFigures

VALUES = {"hybrid": Estimate(0.9, 0.88, 0.92), "한국어": Estimate(0.8, 0.75, 0.85)}


def report():
    rng = np.random.default_rng(0)
    in_scope = np.arange(300) < 220
    confidence = np.where(in_scope, rng.beta(4, 1, 300), rng.beta(1, 4, 300))
    return ConfidenceFigures.of(
        confidence, (rng.random(300) < confidence) & in_scope, in_scope, resamples=0
    )


DRAWINGS = {
    "accuracy": lambda: draw_accuracy(VALUES, "hit@1"),
    "reliability": lambda: draw_reliability(report(), "confidence"),
    "risk": lambda: draw_risk_coverage(report(), "confidence"),
    "spread": lambda: draw_spread(report(), "confidence"),
}


@pytest.mark.parametrize("name", DRAWINGS)
def test_a_drawing_is_one_svg_that_needs_nothing_else(name):
    svg = DRAWINGS[name]()
    assert ElementTree.fromstring(svg).tag == "svg"
    assert not re.search(r"https?:|xmlns|<metadata|<\?xml|<!DOCTYPE|<image|@import", svg)


@pytest.mark.parametrize("name", DRAWINGS)
def test_every_colour_is_the_pages(name):
    svg = DRAWINGS[name]()
    assert set(re.findall(r"#[0-9a-f]{6}\b", svg)) <= {"#000000"}
    assert set(re.findall(r"var\((--\w+)\)", svg)) >= {"--soft", "--line"}


@pytest.mark.parametrize("name", DRAWINGS)
def test_the_same_numbers_are_the_same_drawing_and_ids_are_its_own(name):
    svg = DRAWINGS[name]()
    assert svg == DRAWINGS[name]()
    ids = re.findall(r'\bid="([^"]+)"', svg)
    assert len(ids) == len(set(ids))
    assert all(identity.startswith(f"{name}-") for identity in ids)
    used = set(re.findall(r'(?:href="#|url\(#)([^")]+)', svg))
    assert used <= set(ids)


def test_systems_are_named_in_letters_even_korean_ones():
    texts = [
        element.text for element in ElementTree.fromstring(DRAWINGS["accuracy"]()).iter("text")
    ]
    assert {"hybrid", "한국어", "hit@1, with its 95% interval"} <= set(texts)


def test_the_first_system_is_on_top():
    svg = DRAWINGS["accuracy"]()
    heights = {name: float(re.search(rf'y="([\d.]+)"[^>]*>{name}<', svg)[1]) for name in VALUES}
    assert heights["hybrid"] < heights["한국어"]
