"""The rules by the names that rows use, and the plain rule of each use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hauberk.callables.arguments import (
    boosting,
    dtype,
    numpy,
    pandas,
    plain,
    python,
    scipy,
    sklearn,
    torch,
    transformers,
)
from hauberk.symbol import Use

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from hauberk.symbol import Effect

    Rule = Callable[[Effect], str]

ARGUMENT_RULES: Final[Mapping[str, Rule]] = {
    "values": python.values,
    "containers": python.containers,
    "latin1": python.latin1,
    "reconstructor": python.reconstructor,
    "newobj": python.newobj,
    "none-type": python.none_type,
    "fraction": python.fraction,
    "uuid": python.uuid,
    "user-string": python.user_string,
    "struct-time": python.struct_time,
    "default-factory": python.default_factory,
    "partial": python.partial,
    "array-array": python.array_array,
    "pattern": python.pattern,
    "buffer": python.buffer,
    "dtype": dtype.dtype,
    "scalar": numpy.scalar,
    "reconstruct": numpy.reconstruct,
    "array": numpy.array,
    "frombuffer": numpy.frombuffer,
    "masked-reconstruct": numpy.masked_reconstruct,
    "masked-array": numpy.masked_array,
    "bit-generator": numpy.bit_generator,
    "generator": numpy.generator,
    "seed-sequence": numpy.seed_sequence,
    "ufunc": numpy.ufunc,
    "cython": sklearn.cython,
    "new-object": sklearn.new_object,
    "tree": sklearn.tree,
    "neighbours": sklearn.neighbours,
    "metric": sklearn.metric,
    "isotonic": sklearn.isotonic,
    "predictor": sklearn.predictor,
    "bunch": sklearn.bunch,
    "array-wrapper": sklearn.array_wrapper,
    "memory": sklearn.memory,
    "tensor": torch.tensor,
    "quantised-tensor": torch.quantised,
    "sparse-tensor": torch.sparse,
    "meta-tensor": torch.meta,
    "tensor-of-type": torch.from_type,
    "parameter": torch.parameter,
    "size": torch.size,
    "properties": torch.properties,
    "index": torch.index,
    "file-in-bytes": torch.in_bytes,
    "module": torch.module,
    "recurrent": torch.recurrent,
    "optimizer": torch.optimizer,
    "getattr": python.getattr_,
    "iterator": python.iterator,
    "random-state": python.random_state,
    "pair-of-numbers": python.pair_of_numbers,
    "pandas": pandas.pandas,
    "zone": pandas.zone,
    "settings": transformers.settings,
    "distribution": scipy.distribution,
    "vectorize": scipy.vectorize,
    "polynomial": scipy.polynomial,
    "line": scipy.line,
    "documented": scipy.documented,
    "enum": transformers.enum,
    "encoding": transformers.encoding,
    "native": transformers.native,
    "fields": plain.anything,
    "booster": boosting.booster,
    "catboost": boosting.catboost,
}
PLAIN_RULES: Final[Mapping[Use, Rule]] = {
    Use.CALL: plain.scalars,
    Use.NEW: plain.scalars,
    Use.BUILD: plain.attributes,
    Use.EXTEND: plain.anything,
}
