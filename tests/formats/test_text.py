"""Texts that programs act on: what is told of them, and what is left to be text."""

import json
from dataclasses import replace

import pytest

from hauberk.checks.model.examine import examine
from hauberk.finding import Coverage, UncheckedCode
from hauberk.formats.text import jinja, plain, python, requirements, xml
from hauberk.limits import DEFAULT_LIMITS
from hauberk.view import BytesView


def report(data):
    return examine(BytesView(data), "it").report


@pytest.mark.parametrize(
    "data",
    [
        b"never call os.system, and do not trust !!python/object/apply:os.system\n",
        b"auto_map, chat_template and _target_ are keys\n",
        b"# SSTI\n\n{{ ''.__class__.__mro__ }}\n",
        b"int main() { return 0; } // {{ x }}\n",
    ],
)
def test_prose_that_speaks_of_attacks_breaks_no_rule(data):
    assert report(data).findings == ()


def test_a_text_without_telling_words_is_inert():
    assert (report(b'{"a": 1}').coverage, report(b'{"a": 1}').format) == (Coverage.INERT, "text")


def test_a_configuration_that_was_read_is_covered():
    assert (report(b'{"auto_map": {}}').coverage, report(b'{"auto_map": {}}').format) == (Coverage.FULL, "json")


def test_a_name_put_together_from_pieces_reaches_python():
    found = {finding.rule for finding in report(b"{{ x|attr('__cla' ~ 'ss__') }}").findings}
    assert found == {"template-reaches-python", "template-hides-names"}


def test_a_finding_in_a_configuration_names_its_place():
    data = json.dumps({"a": {"b/c": [{"_target_": "os.system"}]}}).encode()
    assert report(data).findings[0].location.pointer == "/a/b~1c/0/_target_"


@pytest.mark.parametrize("word", [b'"auto_map"', b"!!python/name:os.system", b"<!ENTITY", b"{% x"])
def test_a_long_text_with_a_telling_word_is_unchecked(word):
    described = plain.describe(BytesView(b"x" * 2000 + word), replace(DEFAULT_LIMITS, max_document_bytes=2000))
    assert [one.code for one in described.unchecked] == [UncheckedCode.LIMIT]


def test_a_long_text_without_one_is_inert():
    assert not plain.describe(BytesView(b"x" * 2001), replace(DEFAULT_LIMITS, max_document_bytes=2000)).unchecked


def test_values_without_end_are_a_spent_budget():
    assert [one.code for one in report(b'{"auto_map": [' + b"0," * 4_000_001 + b"0]}").unchecked] == [
        UncheckedCode.LIMIT
    ]


def test_aliases_without_end_are_walked_once():
    layers = "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 40))
    assert report(f"_target_: torch.nn.Linear\na0: &a0 [1]\n{layers}".encode()).complete


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("import os\nos.system('x')", "os.system"),
        ("import os as o\no.system('x')", "os.system"),
        ("from os import system as s\ns('x')", "os.system"),
        ("__import__('os').system('x')", "os.system"),
        ("import importlib as i\ni.import_module('os').system('x')", "os.system"),
        ("import os\ngetattr(os, 'system')('x')", "os.system"),
        ("getattr(__import__('os'), 'system')('x')", "os.system"),
    ],
)
def test_a_call_is_told_by_what_its_imports_say(source, name):
    assert name in {call.name for call in python.read(source).calls}


@pytest.mark.parametrize("source", ["x = (", "(" * 100_000, "\0", "x = " + "-" * 100_000 + "1"])
def test_source_that_does_not_parse_is_unchecked(source):
    assert [one.code for one in python.read(source).unchecked] == [UncheckedCode.MALFORMED]


@pytest.mark.parametrize(
    "line", ["--trusted-host x", "-f https://x.example/", "-e git+ssh://x.example/y#egg=z", "a @ file:///x"]
)
def test_a_line_that_names_a_place_is_told(line):
    assert requirements.read(f"numpy\n{line}\n".encode())


@pytest.mark.parametrize("text", ["numpy  # https://x.example\n", "You can see https://x.example for more.\n"])
def test_a_place_in_a_comment_or_in_prose_is_not(text):
    assert requirements.read(text.encode()) == ()


def test_strings_of_a_template_are_read_with_their_escapes():
    assert jinja.unescape(r"\x5f\137\u005f\n\q") == "___\nq"


def test_an_entity_is_external_where_it_is_fetched():
    prolog = xml.read(b"<!DOCTYPE a [<!ENTITY b PUBLIC 'x' 'http://y'><!ENTITY % c \"d\">]><a/>")
    assert [(one.name, one.external, one.parameter) for one in prolog.entities] == [
        ("b", True, False),
        ("c", False, True),
    ]
