"""The first bytes of formats, apart from their readers, so that a file is told without importing what reads others."""

from __future__ import annotations

from typing import Final

NPY: Final = b"\x93NUMPY"
SEVENZIP: Final = b"7z\xbc\xaf\x27\x1c"
HDF5: Final = b"\x89HDF\r\n\x1a\n"
GGUF: Final = b"GGUF"
CATBOOST: Final = b"CBM1"
TFLITE: Final = b"TFL3"  # behind the offset of the root, as those of ExecuTorch and TorchScript
EXECUTORCH: Final = b"ET12"
EXECUTORCH_DATA: Final = b"FT01"
MOBILE: Final = b"PTMF"
SKIPPABLE: Final = tuple(bytes([0x50 + number]) + b"\x2a\x4d\x18" for number in range(16))  # of Zstandard and LZ4
TORCH_LEGACY: Final = b"\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19."  # a number, as a pickle has it
