"""Writes a table of ours as a file to sign, for machines without a network: `python tools/make_table.py sklearn`.

The rows are those of this source tree. Sign the file with `hauberk scan approve`; an older release believes it by
`hauberk scan --tables`.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "src"))

from hauberk.callables.table import BUILT_IN
from hauberk.callables.versions import tables


def written(source: str) -> str:
    """Return a table as YAML."""
    release = next(one.release for one in tables() if one.source == source)
    lines = [
        "schema: urn:hauberk:callables:v1",
        f"source: {source}",
        f"release: {quoted('-'.join(re.findall('[a-z0-9.]+', release.casefold())))}",
        f"replaces: {source}",
        "rows:",
    ]
    for module, names in BUILT_IN[source].items():
        lines.append(f"  {quoted(module)}:")
        for name, (uses, rule, makes, why) in names.items():
            facts = {"arguments": quoted(rule), "makes": quoted(makes), "why": quoted(why)}
            shown = ", ".join(f"{key}: {value}" for key, value in facts.items() if value != '""')
            lines.append(f"    {quoted(name)}: {{uses: [{', '.join(uses.split())}], {shown}}}")
    return "\n".join(lines) + "\n"


def quoted(text: str) -> str:
    """Return a text in double quotes; our rows are printable."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


if __name__ == "__main__":
    sys.stdout.write(written(sys.argv[1]))
