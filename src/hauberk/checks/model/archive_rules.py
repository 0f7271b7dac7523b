"""The rules about archives, packed streams and programs, in the order of the manual."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hauberk.checks.model import (
    archive_bad_checksum,
    archive_bomb,
    archive_duplicate_member,
    archive_escapes,
    archive_false_encryption,
    archive_foreign_bytes,
    archive_hidden_member,
    archive_odd_name,
    archive_overlapping_members,
    archive_starts_code,
    archive_two_readings,
    file_is_executable,
    file_two_formats,
)

if TYPE_CHECKING:
    from hauberk.rule import Rule

ARCHIVE_RULES: Final[tuple[Rule, ...]] = (
    archive_two_readings.RULE,
    archive_hidden_member.RULE,
    archive_duplicate_member.RULE,
    archive_overlapping_members.RULE,
    archive_escapes.RULE,
    archive_false_encryption.RULE,
    archive_foreign_bytes.RULE,
    archive_bad_checksum.RULE,
    archive_odd_name.RULE,
    archive_starts_code.RULE,
    archive_bomb.RULE,
    file_is_executable.RULE,
    file_two_formats.RULE,
)
