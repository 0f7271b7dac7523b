"""A huge file whose first byte could begin a line of a pickle: it is not read whole for a newline."""

from hauberk.finding import UncheckedCode
from hauberk.formats.second_views import second_views
from hauberk.formats.sniff import ATTEMPT_LINE_BYTES, Format


class Huge:
    """A view of zeros with a first letter, which counts what is asked of it."""

    def __init__(self, head, size=1 << 34):
        self.head, self.size, self.asked = head, size, 0

    def read_at(self, offset, length):
        length = max(0, min(length, self.size - offset))
        self.asked += length
        return (self.head[offset : offset + length]).ljust(length, b"\0")


def test_the_end_of_a_line_is_looked_for_within_a_bound_and_else_that_is_said():
    view = Huge(b"PAR1")
    found = second_views(view, Format("parquet", lambda _view, _head: True, inert=True))
    assert view.asked < ATTEMPT_LINE_BYTES + (1 << 20)
    assert [note.code for note in found.unchecked] == [UncheckedCode.LIMIT]
    assert not found.second


def test_a_line_that_ends_is_followed():
    view = Huge(b"Pid\ncos\nsystem\n(S'id'\ntR.")
    assert second_views(view, Format("parquet", lambda _view, _head: True, inert=True)).second == "pickle"
