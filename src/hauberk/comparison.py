"""What the weights of a model were seen to be beside those of a clean model, or to answer to a patch of pixels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hauberk.digest import Digest


@dataclass(frozen=True, slots=True)
class Measured:
    """One number of one tensor, and the most that it is of clean models; `limit` is None where nothing is known."""

    tensor: str
    measure: str
    value: float
    limit: float | None

    @property
    def stands_out(self) -> bool:
        """Return whether the number is over its limit."""
        return self.limit is not None and self.value > self.limit


@dataclass(frozen=True, slots=True)
class Comparison:
    """What was measured.

    Attributes:
        path, digest: of the model.
        reference: digest of the clean model.
        clean: how many clean fine-tunes the limits come from; 0 for the built-in ones.
        measured: every number, by tensor and measure.
        broken: tensors of the model that hold NaN or infinity, which stands out.
        uncompared: what was not compared, by tensor, with why.
    """

    path: str
    digest: Digest
    reference: Digest
    clean: int
    measured: tuple[Measured, ...]
    broken: tuple[str, ...]
    uncompared: Mapping[str, str]

    @property
    def outliers(self) -> tuple[Measured, ...]:
        """Return the numbers that are over their limits."""
        return tuple(one for one in self.measured if one.stands_out)

    @property
    def stands_out(self) -> bool:
        """Return whether anything does."""
        return bool(self.outliers or self.broken)


@dataclass(frozen=True, slots=True)
class Inversion:
    """What was found by looking for the smallest patch that moves all images to one class.

    Attributes:
        path, digest: of the model.
        norms: for each class, the L1 norm of its patch's mask; None where no patch moved enough images.
        indices: for each class, how many robust deviations its mask is smaller than the others'; 0 where it is not.
        limit: the index from which a class stands out.
        images: how many images were looked at.
    """

    path: str
    digest: Digest
    norms: tuple[float | None, ...]
    indices: tuple[float, ...]
    limit: float
    images: int

    @property
    def targets(self) -> tuple[int, ...]:
        """Return the classes that stand out."""
        return tuple(at for at, index in enumerate(self.indices) if index > self.limit)

    @property
    def complete(self) -> bool:
        """Return whether every class was reached by some patch: only then are the masks compared fairly."""
        return None not in self.norms
