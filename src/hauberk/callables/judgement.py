"""The words of a judgement: four tiers, and what a dangerous callable is able to do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Tier(StrEnum):
    """What is known of one effect of a stream; the order of the members is from best to worst."""

    SAFE = "safe"  # the tables have it, used as real files use it: it makes data and nothing else
    SAFE_WITH_ARGUMENTS = "safe-with-arguments"  # the tables have it, but not with these arguments or in this use
    UNKNOWN = "unknown"  # no table has it: nobody has shown that it is harmless
    DANGEROUS = "dangerous"  # the capability is known


class Capability(StrEnum):
    """What a dangerous callable does, or lets a stream do."""

    PROCESS = "process"
    CODE = "code"
    IMPORT = "import"
    NETWORK = "network"
    FILE_READ = "file-read"
    FILE_WRITE = "file-write"
    FILE_DELETE = "file-delete"
    DESERIALISE = "deserialise"
    REGISTRY_TAMPERING = "registry-tampering"
    DENIAL = "denial"


@dataclass(frozen=True, slots=True)
class Judgement:
    """A tier, the capability where it is dangerous, the name as it really resolves, and the reason."""

    tier: Tier
    capability: Capability | None
    name: str
    why: str
