"""joblib: a pickle with the data of its arrays between the instructions.

Where an array stood, joblib's pickler writes a `NumpyArrayWrapper`; its unpickler, once BUILD has given the wrapper its
attributes, reads the array from the file and puts it in the wrapper's place. From joblib 1.2 on a byte with the length
of a padding, and the padding, come first. An array of objects is a pickle of its own, with its own memo.

The sizes come from the wrapper's attributes. They decide where the next instruction is read, so a wrapper that is made
in any other way than joblib makes it ends the description there, as unchecked. Source: `joblib/numpy_pickle.py`,
joblib 0.10 to 1.6.

`pickle.load` and `numpy.load` know nothing of wrappers, and go on with the first byte of an array as an instruction.
The padding that joblib writes is no instruction, so they stop there. A file that was made to be read in two ways does
not stop them: what they would do behind that place is described beside what joblib does.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from hauberk.errors import Malformed
from hauberk.formats.model.dtype import count_of_symbol, element_of_symbol, name_of
from hauberk.formats.model.pickle import description
from hauberk.formats.model.pickle.machine import Payload
from hauberk.limits import DEFAULT_LIMITS, Limits
from hauberk.symbol import Global, Items, Made, Nothing, Symbol, Text, Use

if TYPE_CHECKING:
    from hauberk.formats.model.pickle.description import PickleDescription
    from hauberk.view import View

WRAPPER = "joblib.numpy_pickle.NumpyArrayWrapper"
RECONSTRUCTOR = "copyreg._reconstructor"  # how protocols 0 and 1 make it: with its class, object and None
FILE_WRAPPERS = frozenset(
    f"joblib.{module}.{name}"
    for module in ("numpy_pickle", "numpy_pickle_compat")
    for name in ("NDArrayWrapper", "ZNDArrayWrapper")
)
ATTRIBUTES = frozenset({"subclass", "shape", "order", "dtype", "allow_mmap"})
ALIGNMENT = "numpy_array_alignment_bytes"
ARRAYS = frozenset({"numpy.ndarray", "numpy.matrix", "numpy.matrixlib.defmatrix.matrix", "numpy.memmap"})


def describe(view: View, limits: Limits = DEFAULT_LIMITS) -> PickleDescription:
    """Return what `joblib.load` would do with a file that is not compressed; see `pickle.description.describe`."""
    found = description.describe(view, limits, inline=inline_array)
    if found.inline is None:
        return found
    begin = max(stream.start for stream in found.streams if stream.start < found.inline)
    plain = description.describe(view, replace(limits, max_pickle_streams=1), start=begin)
    return replace(found, beside=tuple(effect for effect in plain.effects if effect.offset >= found.inline))


def inline_array(wrapper: Made, here: int, view: View) -> Payload | None:
    """Return where the data of a wrapped array lies, when BUILD has ended at offset `here`; None for other objects.

    Raises:
        Malformed: joblib would read an array here, and how long it is cannot be told.
    """
    made = _class_of(wrapper)
    if made in FILE_WRAPPERS:
        raise Malformed("an array in a file of its own, as joblib wrote before 0.10")
    if made != WRAPPER:
        return None
    attributes = _attributes(wrapper)
    if name_of(attributes["subclass"]) not in ARRAYS:
        raise Malformed("a joblib array of a class that joblib does not wrap")
    element = element_of_symbol(attributes["dtype"])
    if element.objects:
        return Payload(here, 0, nested=True)
    size = element.size * count_of_symbol(attributes["shape"])
    if attributes.get(ALIGNMENT, Nothing()) == Nothing():
        return Payload(here, size)
    padding = view.read_at(here, 1)
    return Payload(here + 1 + (padding[0] if padding else 0), size)


def _class_of(made: Made) -> str:
    """Return the wrapper that an object may be: made from it, or by a call that was given it first; else nothing."""
    named = [name_of(made.callable), *map(name_of, made.arguments[:1])]
    return next((name for name in named if name == WRAPPER or name in FILE_WRAPPERS), "")


def _is_plain(wrapper: Made) -> bool:
    """Say whether a wrapper was made without `__init__`, which sets attributes that a state may leave out."""
    match wrapper.arguments:
        case ():
            return wrapper.use is Use.NEW
        case (_, Global(module="builtins", name="object"), Nothing()):
            return name_of(wrapper.callable) == RECONSTRUCTOR
        case _:
            return False


def _attributes(wrapper: Made) -> dict[str, Symbol]:
    state = wrapper.state
    if not _is_plain(wrapper) or not isinstance(state, Items) or state.kind != "dict" or state.cut:
        raise Malformed("a joblib array that is not made as joblib makes it")
    names = [key.value if isinstance(key, Text) and not key.cut else "" for key in state.items[::2]]
    found = dict(zip(names, state.items[1::2], strict=False))
    if len(found) != len(names) or found.keys() - {ALIGNMENT} != ATTRIBUTES:
        raise Malformed("a joblib array with other attributes than joblib gives it")
    return found
