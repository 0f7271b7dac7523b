"""The page of `hauberk data diff`: safe whatever names say, and legible in light and dark."""

import itertools
from html.parser import HTMLParser

import pytest

from hauberk.render.data_diff_html import COLOURS, is_page, page

HOSTILE = ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "a\nb", "\udcff", "\u202egnp", "&amp;", "'--"]
PROFILE = {"rows": 9, "nulls": 0, "infinite": 0, "least": 1, "most": 2**70, "mean": 1e300, "distinct": 3}


def answer(name="x", **more):
    bars = [{"label": name, "older": 0.25, "newer": 0.5}]
    column = {
        "name": name,
        "type": name,
        "distance": 0.5,
        "yardstick": 0.1,
        "stabilityIndex": 1.0,
        "older": PROFILE | {"least": name},
        "newer": PROFILE,
        "quantiles": [{"at": 0.5, "older": name, "newer": name}],
    }
    return {
        "older": {"name": name, "digest": name},
        "newer": {"name": name, "digest": name},
        "same": False,
        "files": {"added": [name], "removed": [name], "changed": [name] * 200},
        "columns": {
            "added": [{"name": name, "type": name}],
            "removed": [{"name": name, "type": name}],
            "retyped": [{"name": name, "was": name, "is": name}],
        },
        "rows": {"new": [1], "changed": [], "removed": []},
        "sources": [{"name": name, "new": 1, "changed": 2, "removed": 3}],
        "comparedBy": [name],
        "unread": [name],
        "distributions": {
            "sampled": {"older": 9, "newer": 9},
            "columns": [
                column | {"compared": "categories", "bars": bars},
                column | {"compared": "values", "bars": bars * 20},
                column | {"compared": "nulls", "bars": [], "distance": None, "yardstick": None},
            ],
            "sources": [{"name": name, "older": 1, "newer": 1, "column": name, "distance": 0.1, "yardstick": None}],
            "notCompared": [{"what": name, "why": name}],
        },
    } | more


class _Tags(HTMLParser):
    def __init__(self):
        super().__init__()
        self.open, self.seen, self.attributes = [], set(), set()

    def handle_starttag(self, tag, attrs):
        self.seen.add(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag not in ("meta", "br", "rect", "path"):
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.seen.add(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_makes_no_tag_and_no_attribute(name):
    plain, hostile = _Tags(), _Tags()
    plain.feed(page(answer()))
    hostile.feed(page(answer(name)))
    assert not hostile.open
    assert (hostile.seen, hostile.attributes) == (plain.seen, plain.attributes)
    assert not any(attribute.startswith("on") for attribute in hostile.attributes)
    page(answer(name)).encode()


def test_nothing_is_fetched_or_run():
    text = page(answer())
    assert "<script" not in text
    assert "default-src 'none'" in text
    assert not any(word in text for word in ("http:", "https:", "url(", "src=", "href=", " style="))


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_colours_have_enough_contrast(scheme):
    found = {name: pair[scheme] for name, pair in COLOURS.items()}
    for text, ground in itertools.product(("text", "quiet"), ("page", "panel")):
        assert contrast(found[text], found[ground]) >= 4.5, (text, ground)  # WCAG 2.2, 1.4.3
    for one, other in (
        ("older", "panel"),
        ("newer", "panel"),
        ("older", "page"),
        ("newer", "page"),
        ("newer", "older"),
    ):
        assert contrast(found[one], found[other]) >= 3, (one, other)  # 1.4.11


def contrast(one, other):
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def luminance(colour):
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_what_was_not_compared_is_said():
    text = page(answer(rows=None, distributions=None))
    assert "Rows were not compared" in text
    assert "the data of both sides was not read" in text


def test_only_a_page_of_this_kind_is_written_over():
    assert is_page(page(answer()).encode())
    assert not is_page(b"<!doctype html>\n<html>")
