"""GGUF's tables: the types of metadata values, and how many bytes a block of each tensor type takes.

Source: the GGUF specification (ggml, docs/gguf.md) and `gguf.constants` of the package gguf 0.19. The types that
were removed since (31 to 33, 36 to 38) only order the same blocks in another way; files of 2024 have them.
"""

from __future__ import annotations

from typing import Final

STRING, ARRAY, BOOL = 8, 9, 7
VALUE_BYTES: Final = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, BOOL: 1, 10: 8, 11: 8, 12: 8}
WHOLE: Final = frozenset({0, 1, 2, 3, 4, 5, 10, 11})

# tensor type: (elements in a block, bytes of a block)
BLOCKS: Final[dict[int, tuple[int, int]]] = {
    0: (1, 4),  # F32
    1: (1, 2),  # F16
    2: (32, 18),  # Q4_0
    3: (32, 20),  # Q4_1
    6: (32, 22),  # Q5_0
    7: (32, 24),  # Q5_1
    8: (32, 34),  # Q8_0
    9: (32, 40),  # Q8_1
    10: (256, 84),  # Q2_K
    11: (256, 110),  # Q3_K
    12: (256, 144),  # Q4_K
    13: (256, 176),  # Q5_K
    14: (256, 210),  # Q6_K
    15: (256, 292),  # Q8_K
    16: (256, 66),  # IQ2_XXS
    17: (256, 74),  # IQ2_XS
    18: (256, 98),  # IQ3_XXS
    19: (256, 50),  # IQ1_S
    20: (32, 18),  # IQ4_NL
    21: (256, 110),  # IQ3_S
    22: (256, 82),  # IQ2_S
    23: (256, 136),  # IQ4_XS
    24: (1, 1),  # I8
    25: (1, 2),  # I16
    26: (1, 4),  # I32
    27: (1, 8),  # I64
    28: (1, 8),  # F64
    29: (256, 56),  # IQ1_M
    30: (1, 2),  # BF16
    31: (32, 18),  # Q4_0_4_4
    32: (32, 18),  # Q4_0_4_8
    33: (32, 18),  # Q4_0_8_8
    34: (256, 54),  # TQ1_0
    35: (256, 66),  # TQ2_0
    36: (32, 18),  # IQ4_NL_4_4
    37: (32, 18),  # IQ4_NL_4_8
    38: (32, 18),  # IQ4_NL_8_8
    39: (32, 17),  # MXFP4
    40: (64, 36),  # NVFP4
    41: (128, 18),  # Q1_0
}
