"""One pickle a gadget: each callable of the two tables, called by the instruction that its place in the table decides."""

from __future__ import annotations

from typing import TYPE_CHECKING

from corpus.assemble import Call, code, dump, head, tuple_of
from corpus.malicious.gadget_packages import PACKAGES
from corpus.malicious.gadget_table import STANDARD
from corpus.sample import Sample, file

if TYPE_CHECKING:
    from collections.abc import Iterator

    from corpus.malicious.gadget_table import Row

NAMES = (
    "model.pkl",
    "model.pickle",
    "weights.bin",
    "classifier.pkl",
    "state.p",
    "data.pkl",
    "model.joblib",
    "best.ckpt",
)
NOT_PROOF_OF_EVIL = {"unusual", "lazy", "no such path"}  # rows that are left out: nothing happens when they are called
DO_NOTHING = {
    "bdb.Breakpoint",
    "collections.namedtuple",
    "dataclasses.make_dataclass",
    "ast.parse",
    "string.Formatter.vformat",
    "types.MethodType",
    "types.new_class",
    "typing.get_type_hints",
    "yaml.full_load",
    "filecmp.cmp",
    "logging.basicConfig",
    "builtins.globals",
    "builtins.vars",
    "abc.ABCMeta",
    "enum.Enum",
    "functools.singledispatch",
    "functools.cached_property",
    "operator.itemgetter",
    "sched.scheduler",
    "collections.defaultdict",
    "warnings.simplefilter",
    "numpy.lib.npyio.DataSource",
    "numpy.vectorize",
    "torch.utils.file_baton.FileBaton",
    "flax.serialization.msgpack_restore",
    "pandas.core.computation.eval.eval",
    "torch.utils._contextlib.context_decorator",
    "antigravity.fly",
    "itertools.repeat",
    "types.ModuleType",
    "inspect.getsource",
    "numpy.core.numerictypes.os.system",
    "multiprocessing.managers.SyncManager",
    "builtins.type",
    "gettext.c2py",
    "codeop.compile_command",
    "http.client.HTTPSConnection",
    "PIL.ImageShow.show",
    "torch._export.serde.serialize.deserialize",
    "openvino.Core.add_extension",
    "cloudpickle.cloudpickle._builtin_type",
    "orbax.checkpoint.PyTreeCheckpointer",
    "torch.func.functional_call",
}  # fmt: skip - left out: the sandbox saw nothing that a defender would have to stop


def gadgets() -> Iterator[tuple[str, str, Row]]:
    """Yield group, a unique name and row of every gadget."""
    seen: dict[str, int] = {}
    for kind, rows in {**STANDARD, **PACKAGES}.items():
        for row in rows:
            module, attribute = (row[0], row[1]) if isinstance(row[0], str) else (row[0].module, row[0].attribute)
            name = f"{module}.{attribute}"
            if row[3] in NOT_PROOF_OF_EVIL or name in DO_NOTHING:
                continue
            seen[name] = seen.get(name, 0) + 1
            yield f"gadget-{kind}", name if seen[name] == 1 else f"{name}-{seen[name]}", row


def samples() -> Iterator[Sample]:
    """Yield a pickle for each gadget, the protocol and the instruction changing from row to row."""
    for place, (group, name, row) in enumerate(gadgets()):
        module, attribute, arguments, reference = row
        protocol = (4, 2, 3, 5, 0)[place % 5]
        if isinstance(module, str) and "." in attribute:
            protocol = 4  # a dotted name needs STACK_GLOBAL
        value = Call(module, attribute, arguments)
        if place % 7 == 3 and protocol:
            stream = (
                head(protocol) + b"(" + code(value.function, protocol) + tuple_of(arguments, protocol)[1:-1] + b"o."
            )
        else:
            stream = dump(value, protocol)
        yield file(group, name, NAMES[place % len(NAMES)], stream, reference, loader="pickle")
