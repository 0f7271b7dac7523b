"""From bytes to a report: the same path for a scan and for the loader."""

import pickle
from collections import OrderedDict

import pytest

from hauberk.checks.model.examine import examine
from hauberk.digest import sha256
from hauberk.errors import Unavailable
from hauberk.finding import Coverage, UncheckedCode
from hauberk.view import Basis, BytesView, RangeView


def of(data, **arguments):
    return examine(BytesView(data, **arguments), "it")


def test_a_report_carries_the_digest_size_and_basis_of_the_bytes():
    report = of(b"hello\n", basis=Basis.CLAIMED).report
    assert (report.path, report.digest, report.size, report.basis) == ("it", sha256(b"hello\n"), 6, Basis.CLAIMED)


def test_a_part_of_a_view_has_a_digest_of_its_own():
    assert examine(RangeView(BytesView(b"xhello\nx"), 1, 6), "it").report.digest == sha256(b"hello\n")


def test_the_names_are_those_that_loading_asks_for():
    assert of(pickle.dumps(OrderedDict(a=1), protocol=4)).names == {("collections", "OrderedDict")}


def test_an_old_name_is_there_as_it_is_spelled_and_as_it_resolves():
    assert of(b"\x80\x02c__builtin__\nset\n.").names == {("__builtin__", "set"), ("builtins", "set")}


def test_text_asks_for_nothing():
    seen = of(b"hello\n")
    assert (seen.names, seen.report.coverage, seen.report.complete) == (frozenset(), Coverage.INERT, True)


def test_an_empty_file_is_text():
    assert of(b"").report.coverage is Coverage.INERT


def test_a_known_format_without_a_reader_is_unchecked_by_its_name():
    report = of(b"Rar!\x1a\x07" + bytes(30)).report
    assert (report.format, [one.code for one in report.unchecked]) == ("rar", [UncheckedCode.FORMAT_NOT_READ])


@pytest.mark.parametrize("cut", range(3, len(pickle.dumps(OrderedDict(a=1), protocol=2))))
def test_a_pickle_cut_short_anywhere_is_never_complete(cut):
    assert not of(pickle.dumps(OrderedDict(a=1), protocol=2)[:cut]).report.complete


def test_a_view_that_cannot_be_read_is_not_examined():
    class Broken:
        size, basis = 1, Basis.COMPUTED

        def read_at(self, *_):
            raise Unavailable("gone")

    with pytest.raises(Unavailable, match="gone"):
        examine(Broken(), "it")
