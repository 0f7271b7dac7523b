"""Trees and graphs as text, and texts in other encodings: nothing is raised, and nothing is read twice."""

from __future__ import annotations

from pathlib import Path

from hauberk.formats import embedded, encoded, texts
from hauberk.formats.model import boosting_text
from hauberk.formats.model.tensorflow import text_form
from hauberk.view import BytesView

VECTORS = Path(__file__).parents[1] / "vectors" / "rules" / "trees-contradict-themselves"


def seeds() -> list[bytes]:
    """Return every vector, as it is and in UTF-16."""
    plain = [path.read_bytes() for path in sorted(VECTORS.rglob("*")) if path.is_file()]
    graph = b'node {\n  name: "a"\n  op: "Py" \'Func\'\n}\n'
    saved = (
        b'node { name: "p" op: "Const" attr { key: "value" value { tensor { dtype: DT_STRING string_val: "/a" } } } }'
    )
    saved += b'library { function { signature { name: "f" } node_def { op: "SaveV2" input: ["p", "q"] } } }'
    return [*plain, plain[0].decode().encode("utf-16"), graph, saved, b"\0\0\x80\x04cos\nsystem\n(Vid\ntR."]


def one_input(data: bytes) -> None:
    """Read the bytes in every way."""
    view = BytesView(data)
    assert texts.describe(view) == texts.describe(view)
    boosting_text.read(data)
    text_form.read(data)
    if encoded.is_wide(view, data[:512]):
        encoded.describe_wide(view)
    if encoded.is_latin(view, data[:512]):
        encoded.describe_latin(view)
    embedded.anywhere(view)
    embedded.at_the_end(view)
