"""Writes the digests of the scripts in the data set files that ultralytics and yolov5 bring.

`python tools/make_dataset_scripts.py WHEEL...`, of the releases whose scripts are known. One that starts programs, runs
text as code or opens connections by itself is named: look at it before the table is committed.
"""

from __future__ import annotations

import sys
import zipfile
from pathlib import Path

import yaml

sys.path.insert(0, str(Path(__file__).parent.parent / "src"))
from hauberk.checks.model.config_script import digest_of
from hauberk.checks.model.source_acts import acts
from hauberk.formats.text import python

TABLE = Path(__file__).parent.parent / "src" / "hauberk" / "checks" / "model" / "dataset_scripts.py"


def main() -> None:
    """Read each YAML file of each wheel."""
    found: dict[str, str] = {}
    releases = []
    for wheel in sorted(map(Path, sys.argv[1:])):
        releases.append(" ".join(wheel.name.split("-")[:2]))
        with zipfile.ZipFile(wheel) as archive:
            for name in sorted(archive.namelist()):
                if name.endswith(".yaml"):
                    document = yaml.safe_load(archive.read(name).decode("utf-8", "replace"))
                    script = document.get("download") if isinstance(document, dict) else None
                    if isinstance(script, str) and "\n" in script.strip():
                        source = python.read(script)
                        if source.unchecked or [*acts(source)]:
                            print(f"{wheel.name}: {name}: {[seen.saw for seen in acts(source)]}")
                        found.setdefault(digest_of(script), f"{Path(name).stem}, {releases[-1]}")
    lines = [
        '"""Digests of scripts that come with the programs themselves. Made by tools/make_dataset_scripts.py."""',
        "",
        "from __future__ import annotations",
        "",
        "from typing import Final",
        "",
        f"RELEASES: Final = {tuple(releases)!r}".replace("'", '"'),
        "",
        "SCRIPTS: Final = {",
        *(f'    "{digest}": "{where}",' for digest, where in sorted(found.items(), key=lambda pair: pair[1])),
        "}",
        "",
    ]
    TABLE.write_text("\n".join(lines))
    print(f"{len(found)} scripts of {', '.join(releases)}")


if __name__ == "__main__":
    main()
