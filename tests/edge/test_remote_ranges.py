"""A view over ranges: what it reads, what it remembers, and each way in which a server is not taken at its word."""

import itertools
import random

import pytest

from hauberk.digest import sha256
from hauberk.edge.remote.client import Client
from hauberk.edge.remote.line import Patience
from hauberk.edge.remote.ranges import RangedView
from hauberk.errors import Unavailable
from hauberk.finding import UncheckedCode
from hauberk.limits import Limits
from hauberk.view import Basis
from web_server import Said, ranged, serving

QUICK = Patience(connect_seconds=2, silence_seconds=0.5, grace_seconds=0.6, retries=1, backoff_seconds=0.01)
DATA = random.Random(3).randbytes(3_000_000)
SMALL = Limits(max_remote_unranged_bytes=100_000, max_remote_cache_bytes=64 << 10)


@pytest.fixture
def server():
    with serving({"/f": DATA}) as running:
        yield running


@pytest.fixture
def view_of(server):
    with Client(server.url, patience=QUICK) as client:
        yield lambda route=None, limits=SMALL, **more: (
            server.routes.update({"/f": route} if route is not None else {}),
            RangedView(client, f"{server.url}/f", limits=limits, **more),
        )[1]


def test_only_what_is_looked_at_is_read(server, view_of):
    view = view_of()
    assert view.read_at(1_000_000, 10) == DATA[1_000_000:1_000_010]
    assert view.basis is Basis.CLAIMED
    assert view.reading().bytes == (64 << 10) + 512
    assert view.reading().unread == ((65536, 934400), (1000448, 1999552))
    assert len(server.log) == 2


def test_what_was_read_is_not_asked_for_again(server, view_of):
    view = view_of()
    assert {view.read_at(5, 100) for _ in range(50)} == {DATA[5:105]}
    assert len(server.log) == 1


def test_the_end_of_a_file_comes_at_once(server, view_of):
    view = view_of()
    assert view.read_at(view.size - 22, 22) == DATA[-22:]
    assert view.read_at(view.size - 60_000, 100) == DATA[-60_000:-59_900]
    assert len(server.log) == 2


def test_a_file_that_came_by_in_order_is_hashed_and_its_bytes_are_ours(server, view_of):
    view = view_of(limits=Limits())
    assert b"".join(view.read_at(at, 1000) for at in range(0, len(DATA), 1000)) == DATA
    assert (view.basis, view.digest) == (Basis.COMPUTED, sha256(DATA))
    assert view.reading().unread == ()
    assert len(server.log) < 20  # what is read in order is read ahead


def test_a_file_that_was_read_in_full_but_not_in_order_stays_claimed(view_of):
    view = view_of()
    for at in reversed(range(0, len(DATA), 50_000)):
        assert view.read_at(at, 50_000) == DATA[at : at + 50_000]
    assert (view.basis, view.digest, view.reading().unread) == (Basis.CLAIMED, None, ())


@pytest.mark.parametrize("size", [0, 1, 4095, 4096, 4097, 65535, 65536, 65537, 200_001])
def test_files_of_every_size_read_as_they_are(view_of, size):
    view = view_of(ranged(DATA[:size]))
    assert view.size == size
    assert view.read_at(0, size + 10) == DATA[:size]
    assert view.read_at(size, 1) == view.read_at(3, 0) == b""
    assert view.digest == sha256(DATA[:size])


def test_every_range_is_asked_for_under_the_first_tag(server, view_of):
    view_of().read_at(1_000_000, 10)
    assert server.log[1].headers["if-match"].startswith('"')


def test_a_view_holds_no_more_than_its_cache(view_of):
    view = view_of(limits=Limits(max_remote_cache_bytes=8192))
    view.read_at(0, 1_000_000)
    assert sum(map(len, view._pages.values())) <= 8192


def changing(first, later):
    """Return a route that answers once in one way, then in another."""
    times = itertools.count()

    def answer(asked):
        return first(asked) if next(times) == 0 else later(asked)

    return answer


OTHER = bytes(len(DATA))
WRONG = {
    "another tag": (ranged(OTHER), UncheckedCode.CHANGED, "not the file that it was"),
    "the same tag, another size": (
        ranged(DATA + b"!", tag=f'"{sha256(DATA).hex[:16]}"'),
        UncheckedCode.CHANGED,
        "changed while it was read",
    ),
    "a tag that is left out": (
        lambda asked: Said(206, {"Content-Range": f"bytes 999936-1000447/{len(DATA)}"}, DATA[999936:1000448]),
        UncheckedCode.CHANGED,
        "changed",
    ),
    "a whole file": (lambda asked: Said(200, {}, DATA), UncheckedCode.CHANGED, "gives none"),
    "no such range": (lambda asked: Said(416), UncheckedCode.CHANGED, "not the file"),
    "gone": (lambda asked: Said(404), UncheckedCode.UNREADABLE, "no such thing"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_file_that_changes_between_two_ranges_is_not_read(view_of, name):
    later, code, said = WRONG[name]
    view = view_of(changing(ranged(DATA), later))
    view.read_at(0, 10)
    with pytest.raises(Unavailable, match=said):
        view.read_at(1_000_000, 10)
    assert view.trouble is code


def test_other_bytes_for_the_same_range_are_a_file_that_changed(view_of):
    tag = '"same"'
    view = view_of(changing(ranged(DATA, tag=tag), ranged(OTHER, tag=tag)), limits=Limits(max_remote_cache_bytes=4096))
    with pytest.raises(Unavailable, match="other bytes"):
        [view.read_at(at, 10) for at in (0, 65530, 0)]
    assert view.trouble is UncheckedCode.CHANGED


def part(content_range, body=DATA[:65536], **more):
    return lambda asked: Said(206, {"ETag": '"t"', "Content-Range": content_range}, body, **more)


BAD_PARTS = {
    "of another place": part(f"bytes 5-65540/{len(DATA)}"),
    "longer than asked": part(f"bytes 0-70000/{len(DATA)}", DATA[:70001]),
    "beyond the end": part("bytes 0-65535/100"),
    "backwards": part(f"bytes 10-5/{len(DATA)}"),
    "of unknown size": part("bytes 0-65535/*"),
    "without a name": lambda asked: Said(206, {"ETag": '"t"'}, DATA[:65536]),
    "in words": part("the first ones"),
    "of huge digits": part(f"bytes 0-65535/{'9' * 4000}"),
    "with another length": part(f"bytes 0-65535/{len(DATA)}", DATA[:100]),
    "shorter than it says": part(f"bytes 0-65535/{len(DATA)}", DATA[:100], length=65536),
    "in several parts": lambda asked: Said(
        206,
        {"ETag": '"t"', "Content-Type": "multipart/byteranges; boundary=x", "Content-Range": "bytes 0-65535/99999999"},
        DATA[:65536],
    ),
    "packed": lambda asked: Said(
        206, {"ETag": '"t"', "Content-Encoding": "gzip", "Content-Range": f"bytes 0-65535/{len(DATA)}"}, DATA[:65536]
    ),
    "without tag or date": ranged(DATA, tag=""),
    "endless, in chunks": lambda asked: Said(
        206,
        {"ETag": '"t"', "Transfer-Encoding": "chunked", "Content-Range": f"bytes 0-65535/{len(DATA)}"},
        itertools.repeat(bytes(4096)),
    ),
}


@pytest.mark.parametrize("name", BAD_PARTS)
def test_a_range_that_is_not_what_was_asked_for_is_not_taken(view_of, name):
    view = view_of(BAD_PARTS[name])
    with pytest.raises(Unavailable):
        view.read_at(0, 10)


def test_a_server_may_give_less_at_a_time(view_of):
    def stingy(asked):
        start = int(asked.headers["range"][6:].partition("-")[0])
        stop = min(start + 10_000, int(asked.headers["range"].rpartition("-")[2]) + 1, len(DATA))
        return Said(206, {"ETag": '"t"', "Content-Range": f"bytes {start}-{stop - 1}/{len(DATA)}"}, DATA[start:stop])

    assert view_of(stingy).read_at(0, 50_000) == DATA[:50_000]


def test_a_server_without_ranges_is_read_whole_if_the_file_is_small(view_of):
    view = view_of(Said(200, {}, DATA[:90_000]))
    assert view.read_at(80_000, 5) == DATA[80_000:80_005]
    assert (view.can_range, view.digest) == (False, sha256(DATA[:90_000]))


def test_a_large_file_without_ranges_is_not_begun(server, view_of):
    view = view_of(Said(200, {}, DATA))
    with pytest.raises(Unavailable, match="not given in parts") as caught:
        view.read_at(0, 10)
    assert (view.trouble, "hauberk intake" in caught.value.hint) == (UncheckedCode.LIMIT, True)


@pytest.mark.parametrize("headers", [{}, {"Transfer-Encoding": "chunked"}], ids=["no length", "chunks"])
def test_a_body_without_end_is_cut(server, view_of, headers):
    view = view_of(lambda asked: Said(200, headers, itertools.repeat(bytes(4096))))
    with pytest.raises(Unavailable, match="over 100000 bytes"):
        view.read_at(0, 10)
    assert server.sent < 50_000_000


def test_a_listing_that_says_another_size_is_of_another_file(view_of):
    view = view_of(size=5)
    with pytest.raises(Unavailable, match="its listing says 5"):
        view.read_at(0, 1)
    assert view.trouble is UncheckedCode.CHANGED


def test_what_is_read_of_one_file_is_bounded(view_of):
    view = view_of(limits=Limits(max_remote_read_bytes=500_000))
    with pytest.raises(Unavailable, match="500000 bytes"):
        view.read_at(0, len(DATA))
    assert view.trouble is UncheckedCode.LIMIT
