"""The corpus of malicious files: made the same in every run, and what is found of a quarter of it only gets better."""

import json

import pytest

from corpus.catalogue import malicious
from corpus.prove import LOADERS
from corpus.ratchet import GOLDEN, counts, drawn

FLOORS = json.loads(GOLDEN.read_text())
ANSWERS = ("found", "closed", "passed")


@pytest.fixture(scope="module")
def seen():
    return counts()


@pytest.fixture(scope="module")
def samples():
    return list(malicious())


@pytest.mark.parametrize("group", sorted(FLOORS))
def test_no_less_of_a_class_is_found_than_before(group, seen):
    assert seen[group].get("found", 0) >= FLOORS[group].get("found", 0)


@pytest.mark.parametrize("group", sorted(FLOORS))
def test_no_more_of_a_class_is_passed_as_clean_than_before(group, seen):
    assert seen[group].get("passed", 0) <= FLOORS[group].get("passed", 0)


def test_the_golden_file_is_of_these_samples(seen):
    assert {group: sum(count.values()) for group, count in seen.items()} == {
        group: sum(count.values()) for group, count in FLOORS.items()
    }


def test_there_are_as_many_samples_as_the_page_says(samples):
    assert len(samples) >= 2000
    assert len({sample.id for sample in samples}) == len(samples)


def test_each_sample_is_proved_or_says_why_not(samples):
    assert [sample.id for sample in samples if bool(sample.loader) == bool(sample.static)] == []
    assert {sample.loader.partition(":")[0] for sample in samples if sample.loader} <= set(LOADERS)


def test_the_halves_are_about_equal_in_the_whole(samples):
    dev = sum(sample.half == "dev" for sample in samples)
    assert abs(dev / len(samples) - 0.5) < 0.05


def test_samples_are_the_same_in_every_run():
    assert [sample.id for sample, again in zip(drawn(), drawn(), strict=True) if sample != again] == []


def test_no_answer_is_of_another_kind(seen):
    assert {answer for count in seen.values() for answer in count} <= set(ANSWERS)
