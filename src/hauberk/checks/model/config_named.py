"""The names that a text makes a program import: found once for the rules that ask about them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from hauberk.callables.judge import REEXPORTED, judge_name
from hauberk.callables.judgement import Judgement, Tier
from hauberk.checks.model.config_classes import asked, gadgets
from hauberk.checks.model.skops_nodes import Nodes
from hauberk.finding import Location
from hauberk.formats.text.json import walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hauberk.formats.text.plain import TextDescription

# Where a program takes the class of an object from, and which libraries are at home there. A class of theirs, named
# as a class is and reached through packages only, is what such files are for; anything else is looked up.
_HYDRA: Final = (
    "nemo|megatron|torch|torchvision|torchaudio|torchmetrics|pytorch_lightning|lightning|transformers|diffusers|timm|"
    "omegaconf|sklearn|xgboost|lightgbm|catboost|peft|monai"
)
# Hydra writes these beside each of its runs; they run what the program itself decorates, and nothing of the file.
_HYDRA_OWN: Final = frozenset(
    {
        "hydra._internal.core_plugins.basic_launcher.BasicLauncher",
        "hydra._internal.core_plugins.basic_sweeper.BasicSweeper",
    }
)
# Functions of torchvision that make a network; weights have names, not addresses.
_NETWORK: Final = re.compile(
    r"torchvision\.models\.(?:alexnet|googlenet|inception_v3|maxvit_t|(?:wide_)?resnet\d{2,3}(?:_2)?|resnext\d+_\d+x\d+d|"
    r"vgg\d\d(?:_bn)?|densenet\d{3}|squeezenet1_[01]|mobilenet_v[23](?:_large|_small)?|mnasnet\d_\d+|vit_[blh]_\d\d|"
    r"convnext_[a-z]+|efficientnet_(?:b\d|v2_[sml])|regnet_[xy]_\d+(?:_\d)?[mg]f|swin_(?:v2_)?[tsb]|shufflenet_v2_x\d_\d)",
    re.ASCII,
)
_KEYS: Final = {
    "_target_": ("hydra instantiates", _HYDRA),
    "parent_library": ("peft imports", "transformers|sentence_transformers|diffusers|timm|torch|lightning"),
}
_CLASS: Final = r"(?:\.[a-z][a-z0-9_]*)*\.[A-Z][A-Za-z0-9]*"
_MLFLOW: Final = re.compile(r"mlflow(?:\.[a-z][a-z0-9_]*){1,3}", re.ASCII)
_SENTENCE: Final = re.compile(rf"sentence_transformers{_CLASS}", re.ASCII)
_DOTTED: Final = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*", re.ASCII)
# Names that skops gives to what its own nodes make, and that pickles spell otherwise (skops 0.16 `_numpy.py`).
_SKOPS_OWN: Final = frozenset({("RandomGeneratorNode", "numpy.random._generator.Generator")})
_HARMLESS_TAGS: Final = frozenset(
    {"none", "bool", "bytes", "str", "unicode", "int", "long", "float", "complex", "list", "tuple", "dict"}
)
_ACTS: Final = ("object/apply:", "object/new:", "object:", "name:", "module:")

_STRANGE: Final = Judgement(Tier.UNKNOWN, None, "skops", "nothing that skops writes")
# Of skops 0.13.
_SKOPS_KINDS: Final = frozenset(
    {"BytearrayNode", "BytesNode", "CachedNode", "ConstructorFromReduceNode", "DTypeNode", "DefaultDictNode",
     "DictNode", "FunctionNode", "JsonNode", "ListNode", "LossNode", "MaskedArrayNode", "MethodNode", "NdArrayNode",
     "ObjectNode",
     "OperatorFuncNode", "PartialNode", "QuantileForestNode", "RandomGeneratorNode", "RandomStateNode", "ReduceNode",
     "SetNode", "SGDNode", "SliceNode", "SparseMatrixNode", "TreeNode", "TupleNode", "TypeNode", "CFLossNode"}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Named:
    """A name that a program imports because a text says so: how, what is known of it, and where it stands."""

    how: str
    name: str
    judgement: Judgement
    location: Location


def named(text: TextDescription) -> Iterator[Named]:
    """Yield every name that is not known to be at home where it stands."""
    for tag in text.tags:
        yield from _tag(tag.name, tag.value, tag.line)
    if text.document is None:
        return
    for pointer, key, value in walk(text.document):
        if key == "_target_" and isinstance(value, str) and (value in _HYDRA_OWN or _NETWORK.fullmatch(value)):
            continue
        if key in _KEYS and isinstance(value, str):
            how, home = _KEYS[key]
            yield from _judged(how, value, Location(pointer=f"{pointer}/{key}"), re.compile(f"(?:{home}){_CLASS}"))
        elif key == "loader_module" and isinstance(value, str) and not _MLFLOW.fullmatch(value):
            yield from _judged("mlflow imports", f"{value}._load_pyfunc", Location(pointer=f"{pointer}/{key}"), None)
    yield from _asked(text.document)
    for pointer, name in gadgets(text.document):
        judgement = Judgement(Tier.DANGEROUS, None, name, "runs something once it is made")
        yield Named("a reader of objects makes", name[:200], judgement, Location(pointer=pointer))
    yield from _sentence_modules(text)
    yield from _skops_nodes(text)


def _asked(document: Any) -> Iterator[Named]:
    """Yield the names that keys of other programs ask for, of each object once."""
    for pointer, _, container in (("", "", document), *walk(document)):
        for key, value in container.items() if isinstance(container, dict) else ():
            for one in asked(container, str(key), value):
                place = Location(pointer=f"{pointer}/{key}"[:256])
                for named_here in _judged(one.how, one.name, place, one.home):
                    if one.unknown or named_here.judgement.tier is Tier.DANGEROUS:
                        yield named_here


def _tag(name: str, value: str, line: int) -> Iterator[Named]:
    act = next((act for act in _ACTS if name.startswith(act)), None)
    how = f"an unsafe YAML loader meets !!python/{(act or name).rstrip(':')} and imports"
    language = next((language for language in ("java", "ruby") if name.startswith(f"{language}:")), None)
    if language:
        judgement = Judgement(Tier.DANGEROUS, None, name, f"makes a {language.title()} loader build an object")
        yield Named("an unsafe YAML loader meets a tag and makes", name, judgement, Location(line=line))
    elif act == "module:":
        yield from _judged(how, f"{name.removeprefix(act)}.__name__", Location(line=line), None)
    elif act is not None:
        yield from _judged(how, name.removeprefix(act), Location(line=line), None)
    elif name not in _HARMLESS_TAGS:
        yield from _judged(how, value, Location(line=line), None)


def _sentence_modules(text: TextDescription) -> Iterator[Named]:
    """Yield the types of a sentence-transformers `modules.json`: a list of {idx, name, path, type}."""
    rows = text.document if isinstance(text.document, list) else []
    for index, row in enumerate(rows):
        if isinstance(row, dict) and {"idx", "type", "path"} <= row.keys() and isinstance(row["type"], str):
            place = Location(pointer=f"/{index}/type")
            yield from _judged("sentence-transformers imports", row["type"], place, _SENTENCE)


def _skops_nodes(text: TextDescription) -> Iterator[Named]:
    """Yield the types of a skops schema: every node names a class, and its loader imports that class."""
    if text.format != "skops-schema":
        return
    objects = (("", "", text.document), *walk(text.document))
    yield from _skops_kinds(text.document)
    nodes = Nodes(_skops_places(text.document))
    for pointer, key, node in objects:
        if not isinstance(node, dict) or "__loader__" not in node:
            continue
        module, name, loader = (str(node.get(part, "")) for part in ("__module__", "__class__", "__loader__"))
        place = Location(pointer=f"{pointer}/{key}" if key else pointer)
        for why in _skops_tricks(module, loader, node.get("content")):
            judgement = Judgement(Tier.DANGEROUS, None, f"{module}.{name}", why)
            yield Named("skops imports", f"{module}.{name}"[:200], judgement, place)
        if (loader, f"{module}.{name}") not in _SKOPS_OWN:
            yield from _judged("skops imports", f"{module}.{name}", place, None)
        if (odd := nodes.odd(node)) is not None:
            yield Named("skops makes", odd.name[:200], odd, place)
        match node.get("content"):
            case {"module_path": str() as path, "function": str() as function} if loader == "FunctionNode":
                yield from _judged("skops imports", f"{path}.{function}", place, None)


def _skops_kinds(document: Any) -> Iterator[Named]:
    """Yield nodes of a kind that skops does not have, and references to a node that is not there or is being built."""
    places: dict[str, str] = {}
    cached: list[tuple[str, str]] = []
    for pointer, key, node in (("", "", document), *walk(document)):
        if not isinstance(node, dict) or not isinstance(loader := node.get("__loader__"), str):
            continue
        place = f"{pointer}/{key}" if key else pointer
        if loader not in _SKOPS_KINDS:
            yield Named("skops meets a node of the kind", loader[:80], _STRANGE, Location(pointer=place))
        if loader == "CachedNode":
            cached.append((str(node.get("__id__")), place))
        else:
            places.setdefault(str(node.get("__id__")), place)
    for number, place in cached:
        if number not in places or place.startswith(places[number] + "/"):
            yield Named(
                "skops meets a reference to a node that is not built,", number[:40], _STRANGE, Location(pointer=place)
            )


def _skops_places(document: Any) -> dict[str, Any]:
    """Return the nodes by their numbers, to which others refer."""
    found: dict[str, Any] = {}
    for _, _, node in walk(document):
        if isinstance(node, dict) and node.get("__loader__") != "CachedNode" and "__id__" in node:
            found.setdefault(str(node["__id__"]), node)
    return found


def _skops_tricks(module: str, loader: str, content: Any) -> Iterator[str]:
    """Yield what a node does beside importing its class (CVE-2025-54412, CVE-2025-54413)."""
    if loader == "OperatorFuncNode" and module not in ("operator", "_operator"):
        yield "a node for functions of the module operator takes one of another module"
    if loader == "MethodNode" and isinstance(content, dict) and str(content.get("func", "_")).startswith("_"):
        yield "a node for methods takes a private attribute, which leads to every module that is loaded"


def _judged(how: str, dotted: str, location: Location, home: re.Pattern[str] | None) -> Iterator[Named]:
    judgement = judge_dotted(dotted)
    if judgement.tier is Tier.SAFE or (judgement.tier is Tier.UNKNOWN and home is not None and home.fullmatch(dotted)):
        return
    yield Named(how, dotted[:200], judgement, location)


def judge_dotted(dotted: str) -> Judgement:
    """Judge a dotted path as an importer of strings resolves it: modules first, then attributes, as deep as it goes."""
    if not _DOTTED.fullmatch(dotted) or len(dotted) > 512:
        return Judgement(Tier.UNKNOWN, None, dotted[:200], "no name that can be imported")
    parts = dotted.split(".")
    whole = judge_name(".".join(parts[:-1]) or "builtins", parts[-1])
    if whole.tier is Tier.SAFE:
        return whole
    for index in range(len(parts) - 1):
        if index == 0 or parts[index] in REEXPORTED:
            found = judge_name(".".join(parts[index:-1]), parts[-1])
            if found.tier is Tier.DANGEROUS:
                return found
    return whole
