"""Our own reader of LZ4 frames, against frames that liblz4 wrote, and frames that lie."""

import base64

import pytest

from hauberk.checks.model.examine import examine
from hauberk.errors import Malformed
from hauberk.formats.archive.lz4 import Lz4Frame, unpack_block
from hauberk.view import BytesView

# `lz4.frame.compress(b"hello " * 1000 + bytes(5000))` of lz4 4.4 with linked blocks of 64 KiB and all checksums, and plain
WITH_CHECKSUMS = base64.b64decode(
    "BCJNGHxA+CoAAAAAAACgPwAAAG9oZWxsbyAGAP//////////////////////////////bh8AAQD/////////////////////////glAAAAAAAFpkh4IAAAAAAewpjw=="
)
PLAIN = base64.b64decode(
    "BCJNGGhA+CoAAAAAAADPPwAAAG9oZWxsbyAGAP//////////////////////////////bh8AAQD/////////////////////////glAAAAAAAAAAAAA="
)
WHOLE = b"hello " * 1000 + bytes(5000)


def unpacked(frame, step=7):
    unpacker, found, at = Lz4Frame(), b"", 0
    while not unpacker.eof and at < len(frame) + 9 * step:
        found += unpacker.decompress(frame[at : at + step] if unpacker.needs_input else b"", 100)
        at += step * unpacker.needs_input
    return unpacker, found


@pytest.mark.parametrize("frame", [PLAIN, WITH_CHECKSUMS], ids=["plain", "with checksums"])
@pytest.mark.parametrize("step", [1, 7, 1000])
def test_a_frame_of_the_library_is_unpacked(frame, step):
    unpacker, found = unpacked(frame, step)
    assert (found, unpacker.eof) == (WHOLE, True)


def test_what_stands_behind_the_frame_is_left():
    unpacker = Lz4Frame()
    while not unpacker.eof:
        unpacker.decompress(PLAIN + b"tail" if unpacker.needs_input else b"", 1 << 20)
    assert unpacker.unused_data == b"tail"


@pytest.mark.parametrize("cut", range(1, len(PLAIN)))
def test_a_frame_cut_short_does_not_end(cut):
    assert not unpacked(PLAIN[:cut], 1000)[0].eof


@pytest.mark.parametrize(
    "frame",
    [
        b"\x04\x22\x4d\x18\x20\x40\x00" + bytes(8),
        b"\x04\x22\x4d\x18\x60\x10\x00" + bytes(8),
        b"\x04\x22\x4d\x18\x60\x40\x00\xff\xff\xff\x7f",
        b"\x04\x22\x4d\x18\x60\x40\x00\x03\x00\x00\x00\x10\x61\x62",
    ],
    ids=["version", "block size", "block length", "literals"],
)
def test_a_frame_that_lies_is_refused(frame):
    with pytest.raises(Malformed):
        unpacked(frame + bytes(32), 1000)


@pytest.mark.parametrize(
    "block",
    [
        b"\x0f\x01\x00\xff",
        b"\x10a\x02\x00",
        b"\x10a\x00\x00",
        b"\xf0\xff\xff",
        b"\x1fa\x01\x00" + b"\xff" * 300 + b"\x00",
    ],
    ids=["length without end", "before the window", "from itself", "literals without end", "larger than a block"],
)
def test_a_block_that_lies_is_refused(block):
    with pytest.raises(Malformed):
        unpack_block(block, b"", 1 << 16)


def test_a_pickle_in_a_frame_is_examined():
    report = examine(BytesView(PLAIN), "it").report
    assert (report.format, report.complete) == ("lz4", False)  # neither text nor a pickle, and so not known
