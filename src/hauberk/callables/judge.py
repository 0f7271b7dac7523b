"""Judges one effect of a stream: which tier, and why.

The order of the questions is the point. A name in the safe tables is safe as far as its row goes, and no further. Then
come the known bad names. A dotted name is followed to what it really is, because `torch` + `os.system` is `os.system`.
What is left is unknown, which is no accusation, and no pass either.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import Final

from hauberk.callables.arguments.registry import ARGUMENT_RULES, PLAIN_RULES
from hauberk.callables.arguments.torch import class_of, odd_class, odd_storage
from hauberk.callables.dangerous import MODULES, NAMES, SAME_AS
from hauberk.callables.judgement import Capability, Judgement, Tier
from hauberk.callables.table import product_of, reached, row_of
from hauberk.callables.torchscript import TORCHSCRIPT, judge_compiled
from hauberk.symbol import Effect, Global, Made, Symbol, Use

# Modules that others import under their own name, and that no function or class is called.
REEXPORTED: Final = frozenset(
    {"os", "sys", "subprocess", "builtins", "importlib", "ctypes", "shutil", "socket", "pickle", "marshal", "runpy",
     "posix", "nt", "pty", "sysconfig", "urllib", "pathlib", "tempfile", "multiprocessing", "threading", "__builtins__"}
)  # fmt: skip
_REACHING: Final = frozenset(
    {"__globals__", "__builtins__", "__subclasses__", "__class__", "__base__", "__bases__", "__mro__", "__dict__",
     "__code__", "__closure__", "__func__", "__self__", "__getattribute__", "__init_subclass__", "__loader__"}
)  # fmt: skip
TORCH: Final = "torch"
_PERSISTENT: Final = "persistent id"
_LONGEST_NAME: Final = 512  # characters; longer ones are not taken apart, formatted or remembered
_CHANGES: Final = (Use.BUILD, Use.EXTEND)


def judge(effect: Effect, loader: str = "") -> Judgement:
    """Judge what one instruction does. Pure; the time is bounded by the arguments that the machine keeps of a call.

    SAFE_WITH_ARGUMENTS is the tier of an effect whose name is safe and whose use or arguments are not: where they are
    as they should be, the effect is SAFE.

    Args:
        effect: what the instruction does.
        loader: who answers persistent ids: `torch`, `torchscript`, or nobody that is known here.
    """
    if effect.use is Use.PERSISTENT:
        return _asked(effect, loader)
    if loader == TORCHSCRIPT and (found := judge_compiled(effect)) is not None:
        return found
    target = _answered(effect.callable) if loader == TORCH else reached(effect.callable)
    if isinstance(target, Global):
        if effect.use in _CHANGES:
            why = "changes the imported thing itself, for the whole process"
            return Judgement(Tier.DANGEROUS, Capability.REGISTRY_TAMPERING, _named(target), why)
        return _used(target, effect)
    if effect.use in _CHANGES:
        product = product_of(target)
        if product is not None:
            return _used(product, effect)
        maker = target.callable if isinstance(target, Made) else target
        return Judgement(Tier.UNKNOWN, None, _called(maker), "changes a value of a class that no table holds")
    return Judgement(Tier.UNKNOWN, None, _called(target), "calls a value that the stream itself made")


def _asked(effect: Effect, loader: str) -> Judgement:
    """Judge a persistent id by what its loader is known to make of it."""
    if loader not in (TORCH, TORCHSCRIPT):
        return Judgement(Tier.UNKNOWN, None, _PERSISTENT, "the loader's own hook decides what this becomes")
    identity = effect.arguments[0]
    if class_of(identity) is None:
        wrong = odd_storage(identity)
        return Judgement(Tier.UNKNOWN if wrong else Tier.SAFE, None, _PERSISTENT, wrong or "a storage of the file")
    wrong = odd_class(identity)
    return Judgement(Tier.UNKNOWN if wrong else Tier.SAFE, None, _PERSISTENT, wrong or "a class with its source")


def _answered(target: Symbol) -> Symbol:
    """Return the class that PyTorch's loader gives for a persistent id, so that what is done with it is judged."""
    if not isinstance(target, Made):
        return target
    if target.use is Use.PERSISTENT:
        return class_of(target.arguments[0]) or target
    if target is not (found := reached(target)):
        return found
    if isinstance(target.callable, Made) and target.callable.use is Use.PERSISTENT:
        cls = class_of(target.callable.arguments[0])
        return target if cls is None else replace(target, callable=cls)
    return target


def _used(name: Global, effect: Effect) -> Judgement:
    row = row_of(name)
    if row is None:
        if len(name.module) + len(name.name) > _LONGEST_NAME:
            return Judgement(
                Tier.DANGEROUS, Capability.IMPORT, _named(name), "a name longer than any that programs have"
            )
        return judge_name(name.module, name.name)
    uses, rule, _, why = row
    if effect.use is Use.IMPORT:
        return Judgement(Tier.SAFE, None, str(name), why)
    if effect.use.value not in uses.split():
        wrong = f"is safe in files that only {uses.replace(' ', ', ')}; here: {effect.use.value}"
    else:
        wrong = (ARGUMENT_RULES[rule] if rule else PLAIN_RULES[effect.use])(effect)
    if not wrong:
        return Judgement(Tier.SAFE, None, str(name), why)
    known = NAMES.get(SAME_AS.get(name.module, name.module), {}).get(name.name)
    if known is not None:
        return Judgement(Tier.DANGEROUS, known[0], str(name), known[1])
    return Judgement(Tier.SAFE_WITH_ARGUMENTS, None, str(name), wrong)


@lru_cache(maxsize=4096)
def judge_name(module: str, name: str) -> Judgement:
    """Judge a module and a possibly dotted name by themselves, as an import does."""
    row = row_of(Global(module, name))
    if row is not None:
        return Judgement(Tier.SAFE, None, f"{module}.{name}", row[3])
    known = _known(module, name)
    if known is not None:
        return Judgement(Tier.DANGEROUS, known[0], f"{module}.{name}", known[1])
    if "." in name:
        return _dotted(module, name)
    if name in REEXPORTED:
        capability, why = MODULES.get(name, (Capability.CODE, "the built-in functions"))
        return Judgement(Tier.DANGEROUS, capability, name, f"the module {name} under the name of {module}: {why}")
    why = "no table holds it: nobody has shown that it is harmless"
    return Judgement(Tier.UNKNOWN, None, f"{module}.{name}", why)


def _dotted(module: str, name: str) -> Judgement:
    """Judge a name that is reached through others: it may end anywhere, and the first part says where it starts."""
    first, *rest = parts = name.split(".")
    for index in range(len(parts) - 1):
        known = _known(parts[index], ".".join(parts[index + 1 :]))
        if known is not None:
            real = ".".join(parts[index:])
            return Judgement(Tier.DANGEROUS, known[0], real, f"reached as {module}.{name}: {known[1]}")
    if row_of(Global(module, first)) is None or _REACHING & set(parts):
        why = f"reaches {'.'.join(rest)} through {first}, which is no class that the tables hold"
        return Judgement(Tier.DANGEROUS, Capability.IMPORT, f"{module}.{name}", why)
    return Judgement(Tier.UNKNOWN, None, f"{module}.{name}", "a method, which no table holds")


def _known(module: str, name: str) -> tuple[Capability, str] | None:
    """Return the row of the dangerous tables: of the name, of what it is reached through, or of a module above it."""
    module = SAME_AS.get(module, module)
    names = NAMES.get(module, {})
    found = names.get(name) or names.get(name.partition(".")[0])
    while found is None and module:
        found = MODULES.get(module)
        module = module.rpartition(".")[0]
    return found


def _called(symbol: Symbol) -> str:
    if isinstance(symbol, Made):
        inner = symbol.callable
        return "the result of a result" if isinstance(inner, Made) else f"the result of {_called(inner)}"
    return _named(symbol) if isinstance(symbol, Global) else "a value that cannot be told"


def _named(name: Global) -> str:
    return f"{name.module[:_LONGEST_NAME]}.{name.name[:_LONGEST_NAME]}"
