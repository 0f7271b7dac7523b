"""What changed between two data sets, as one page that people read: no script, nothing that is fetched, pictures in it.

The page is made from the answer in JSON. Names, categories and reasons come from hostile files: each is shown with what
does not print as an escape, and is escaped for HTML. The policy in the page allows its own style and nothing else.
"""

from __future__ import annotations

import base64
import hashlib
import html
from typing import TYPE_CHECKING, Any, Final

from hauberk.render.words import visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_SHOWN_COLUMNS = 60
_RIGHT = ' class="n"'
_SHOWN_NAMES = 100
_WIDTH, _HEIGHT = 320, 96
# What is told of a column: of its values, or of the lengths of these.
_FACTS: Final = (
    (("nulls", "nulls"), ("least", "least"), ("mean", "mean"), ("most", "most"), ("distinct, about", "distinct")),
    (
        ("nulls", "nulls"),
        ("shortest", "least"),
        ("mean length", "mean"),
        ("longest", "most"),
        ("distinct, about", "distinct"),
    ),
)
_POLICY = "default-src 'none'; base-uri 'none'; form-action 'none';"
_MARK: Final = '<!doctype html>\n<html lang="en" data-of="urn:hauberk:data-diff:v1">\n'

# Colours by what they are for, in a light page and in a dark one; tests/render compute their contrast.
COLOURS: Final = {
    "page": ("#ffffff", "#14171c"),
    "text": ("#1b1f24", "#e8eaed"),
    "quiet": ("#535b66", "#a9b1bc"),
    "line": ("#c9ced6", "#3a414b"),
    "panel": ("#f4f6f8", "#1d222a"),
    "older": ("#828d9a", "#646e7b"),
    "newer": ("#6e2600", "#ffbb8e"),
}


def _variables(at: int) -> str:
    return "".join(f"--{name}:{pair[at]};" for name, pair in COLOURS.items())


_STYLE: Final = f"""
:root{{color-scheme:light dark;{_variables(0)}}}
@media (prefers-color-scheme:dark){{:root{{{_variables(1)}}}}}
@media print{{:root{{{_variables(0)}}} .column{{break-inside:avoid}}}}
*{{box-sizing:border-box}}
body{{margin:0 auto;padding:1rem;max-width:68rem;background:var(--page);color:var(--text);
font:1rem/1.5 system-ui,sans-serif;overflow-wrap:anywhere}}
h1{{font-size:1.5rem;line-height:1.25}} h2{{font-size:1.2rem;margin-top:2rem}} h3{{font-size:1rem;margin:0}}
p,li{{max-width:46rem}} .quiet{{color:var(--quiet)}}
.wide{{overflow-x:auto}} table{{border-collapse:collapse;min-width:20rem;font-variant-numeric:tabular-nums}}
th,td{{text-align:left;padding:.3rem .8rem .3rem 0;border-bottom:1px solid var(--line);vertical-align:top}}
td.n,th.n{{text-align:right}} th,td{{overflow-wrap:normal}} td:first-child{{overflow-wrap:anywhere;min-width:9rem}}
td.n{{white-space:nowrap}}
.columns{{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,19rem),1fr));gap:1rem}}
.column{{background:var(--panel);border:1px solid var(--line);border-radius:.4rem;padding:.8rem}}
svg{{display:block;width:100%;height:auto;margin:.5rem 0}}
.ends{{display:flex;justify-content:space-between;gap:1rem;font-size:.85rem;color:var(--quiet)}}
.older{{fill:var(--older)}} .newer{{fill:none;stroke:var(--newer);stroke-width:2}}
.bar{{fill:var(--newer)}} .base{{stroke:var(--line)}} svg text{{fill:var(--text);font:12px system-ui,sans-serif}}
.key span{{margin-right:1.2rem}} .key svg{{display:inline-block;width:1.4rem;height:.8rem;margin:0 .3rem 0 0}}
.small{{font-size:.9rem}}
dl{{display:grid;grid-template-columns:auto 1fr 1fr;gap:0 .8rem;margin:.4rem 0;font-size:.9rem}}
dd,dt{{margin:0}} dt{{color:var(--quiet)}}
"""


def page(answer: dict[str, Any]) -> str:
    """Return the page for the answer of `hauberk data diff` in JSON."""
    digest = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
    title = f"{_text(answer['older']['name'])} to {_text(answer['newer']['name'])}"
    return "".join(
        [
            _MARK,
            '<head><meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{_POLICY} style-src \'sha256-{digest}\'">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>What changed: {title}</title><style>{_STYLE}</style></head>\n<body><main>",
            f"<h1>What changed from {_text(answer['older']['name'])} to {_text(answer['newer']['name'])}</h1>",
            *_head(answer),
            *_rows(answer),
            *_distributions(answer["distributions"]),
            *_names(answer),
            *_unread(answer),
            "</main></body></html>\n",
        ]
    )


def is_page(data: bytes) -> bool:
    """Return whether these bytes are a page of this kind, so that it may be written over."""
    return data.startswith(_MARK.encode())


def _text(value: object) -> str:
    return html.escape(visible(str(value)))


def _head(answer: dict[str, Any]) -> Iterator[str]:
    yield '<p class="quiet small">'
    yield "<br>".join(f"{which}: {_text(answer[which]['digest'])}" for which in ("older", "newer"))
    yield "</p>"
    if answer["same"]:
        yield "<p>Both hold the same rows, in the same order, under the same columns.</p>"


def _rows(answer: dict[str, Any]) -> Iterator[str]:
    rows = answer["rows"]
    yield "<h2>Rows</h2>"
    if rows is None:
        yield "<p>Rows were not compared: one side has none, or columns differ and the data was not read.</p>"
        return
    new, changed, removed = (len(rows[name]) for name in ("new", "changed", "removed"))
    yield f"<p><b>{new:,}</b> new, <b>{changed:,}</b> changed, <b>{removed:,}</b> removed.</p>"
    if answer["comparedBy"]:
        names = ", ".join(map(_text, answer["comparedBy"]))
        yield f"<p>The columns differ, so rows were compared by those that both have: {names}.</p>"
    if answer["sources"]:
        body = (
            [_text(one["name"]) or "(no source)", *(f"{one[name]:,}" for name in ("new", "changed", "removed"))]
            for one in answer["sources"][:_SHOWN_NAMES]
        )
        yield from _table(("source", "new", "changed", "removed"), body, numbers=(1, 2, 3))
        yield _more(len(answer["sources"]), _SHOWN_NAMES, "sources")


def _distributions(found: dict[str, Any] | None) -> Iterator[str]:
    yield "<h2>Columns</h2>"
    if found is None:
        yield "<p>How values are distributed was not compared: the data of both sides was not read.</p>"
        return
    yield _reading(found)
    shown = found["columns"][:_SHOWN_COLUMNS]
    body = (
        [
            _text(one["name"]),
            _text(one["type"]),
            one["compared"],
            _number(one["distance"]),
            _number(one["yardstick"]),
            _number(one["stabilityIndex"]),
            _verdict(one),
        ]
        for one in shown
    )
    heads = ("column", "type", "by", "distance", "by chance", "PSI", "")
    yield from _table(heads, body, numbers=(3, 4, 5))
    if found["sources"]:
        yield "<h2>By source</h2><p>The column that changed most among the rows of each source.</p>"
        body = (
            [
                _text(one["name"]) or "(no source)",
                _share(one["older"]),
                _share(one["newer"]),
                "" if one["column"] is None else _text(one["column"]),
                _number(one["distance"]),
                _number(one["yardstick"]),
            ]
            for one in found["sources"]
        )
        titles = ("source", "share before", "share now", "column", "distance", "by chance")
        yield from _table(titles, body, numbers=(1, 2, 4, 5))
    yield "<h2>Pictures</h2>"
    yield (
        '<p class="key"><span><svg viewBox="0 0 28 16" aria-hidden="true"><rect class="older" width="28" height="16"/>'
        '</svg>before (filled)</span><span><svg viewBox="0 0 28 16" aria-hidden="true">'
        '<path class="newer" d="M1 14V3H27V14"/></svg>now (outlined)</span></p>'
    )
    yield '<div class="columns">'
    for one in shown:
        yield from _column(one)
    yield "</div>"
    yield _more(len(found["columns"]), _SHOWN_COLUMNS, "columns, which changed less")


def _reading(found: dict[str, Any]) -> str:
    older, newer = found["sampled"]["older"], found["sampled"]["newer"]
    return (
        f"<p>Distances are of {older:,} rows before and {newer:,} rows now, picked by their hashes. A distance is the "
        "largest difference of the shares of rows up to some value, or the share of rows that have another category: "
        "from 0 to 1. &ldquo;By chance&rdquo; is the largest distance in 20 draws of two groups of rows out of the "
        "older set alone: a column that did not change goes over it at most about once in 21 times. Whether a "
        "difference matters is for you to say.</p>"
    )


def _verdict(one: dict[str, Any]) -> str:
    if one["distance"] is None or one["yardstick"] is None:
        return "too few rows"
    return "over chance" if one["distance"] > one["yardstick"] else "within chance"


def _column(one: dict[str, Any]) -> Iterator[str]:
    yield f'<section class="column"><h3>{_text(one["name"])}</h3><p class="quiet small">'
    yield f"{_text(one['type'])}, by {one['compared']}; {_number(one['distance'])} ({_verdict(one)})</p>"
    yield from (_categories(one) if one["compared"] == "categories" or len(one["bars"]) <= 3 else _histogram(one))
    yield "<dl><dt></dt><dd>before</dd><dd>now</dd>"
    for name, key in _FACTS[one["compared"] in ("categories", "lengths", "numbers")]:
        was, now = one["older"][key], one["newer"][key]
        if was is not None or now is not None:
            yield f"<dt>{name}</dt><dd>{_value(was)}</dd><dd>{_value(now)}</dd>"
    for quantile in one["quantiles"]:
        if quantile["at"] == 0.5:
            yield f"<dt>median</dt><dd>{_text(quantile['older'])}</dd><dd>{_text(quantile['newer'])}</dd>"
    yield "</dl></section>"


def _histogram(one: dict[str, Any]) -> Iterator[str]:
    bars = one["bars"]
    top = max((max(bar["older"], bar["newer"]) for bar in bars), default=0.0) or 1.0
    each = _WIDTH / len(bars)

    def outline(side: str) -> str:
        points = [f"M0 {_HEIGHT}"]
        for at, bar in enumerate(bars):
            points.append(f"V{_HEIGHT - 2 - bar[side] / top * (_HEIGHT - 6):.1f}H{(at + 1) * each:.1f}")
        return "".join([*points, f"V{_HEIGHT}"])

    label = f"Shares of rows in {len(bars)} bins from {bars[0]['label']} to {bars[-1]['label']}"
    yield f'<svg viewBox="-2 0 {_WIDTH + 4} {_HEIGHT}" role="img" aria-label="{_text(label)}">'
    yield f'<path class="older" d="{outline("older")}Z"/><path class="newer" d="{outline("newer")}"/>'
    yield f'<path class="base" d="M0 {_HEIGHT}H{_WIDTH}"/></svg>'
    yield f'<div class="ends"><span>{_text(bars[0]["label"])}</span><span>{_text(bars[-1]["label"])}</span></div>'


def _categories(one: dict[str, Any]) -> Iterator[str]:
    bars, line = one["bars"], 34
    label = f"Shares of rows of {len(bars)} values"
    yield f'<svg viewBox="0 0 {_WIDTH} {max(1, len(bars)) * line}" role="img" aria-label="{label}">'
    for at, bar in enumerate(bars):
        y, name = at * line, visible(bar["label"])
        short = html.escape(name if len(name) <= 26 else f"{name[:25]}…")
        yield f'<text x="0" y="{y + 12}">{short or "(empty)"}</text>'
        shares = f"{_share(bar['older'])} → {_share(bar['newer'])}"
        yield f'<text x="{_WIDTH}" y="{y + 12}" text-anchor="end">{shares}</text>'
        yield f'<rect class="older" x="0" y="{y + 17}" width="{bar["older"] * _WIDTH:.1f}" height="6"/>'
        yield f'<rect class="bar" x="0" y="{y + 24}" width="{bar["newer"] * _WIDTH:.1f}" height="6"/>'
    yield "</svg>"


def _names(answer: dict[str, Any]) -> Iterator[str]:
    columns, files = answer["columns"], answer["files"]
    yield "<h2>Columns and files that differ</h2><ul>"
    lines = [f"column {_text(one['name'])} ({_text(one['type'])}) is new" for one in columns["added"]]
    lines += [f"column {_text(one['name'])} ({_text(one['type'])}) is gone" for one in columns["removed"]]
    lines += [
        f"column {_text(one['name'])} was {_text(one['was'])}, is {_text(one['is'])}" for one in columns["retyped"]
    ]
    for key, told in (("added", "is new"), ("removed", "is gone"), ("changed", "has other bytes")):
        lines += [f"file {_text(name)} {told}" for name in files[key][:_SHOWN_NAMES]]
        if len(files[key]) > _SHOWN_NAMES:
            lines.append(f"and {len(files[key]) - _SHOWN_NAMES:,} more files, each of which {told}")
    yield from (f"<li>{line}</li>" for line in lines or ["none"])
    yield "</ul>"


def _unread(answer: dict[str, Any]) -> Iterator[str]:
    found = answer["distributions"]
    lines = [_text(why) for why in answer["unread"]]
    lines += [f"{_text(one['what'])}: {_text(one['why'])}" for one in (found or {"notCompared": ()})["notCompared"]]
    lines += [
        f"column {_text(one['name'])}: only one side has it"
        for one in (*answer["columns"]["added"], *answer["columns"]["removed"])
    ]
    lines += [f"column {_text(one['name'])}: its type differs" for one in answer["columns"]["retyped"]]
    yield "<h2>What was not compared</h2><ul>"
    yield from (f"<li>{line}</li>" for line in lines or ["nothing was left out"])
    yield "</ul>"


def _table(heads: Sequence[str], body: Iterable[Sequence[str]], *, numbers: tuple[int, ...]) -> Iterator[str]:
    def cells(tag: str, row: Sequence[str]) -> str:
        return "".join(f"<{tag}{_RIGHT if at in numbers else ''}>{cell}</{tag}>" for at, cell in enumerate(row))

    yield f'<div class="wide"><table><thead><tr>{cells("th", heads)}</tr></thead><tbody>'
    yield from (f"<tr>{cells('td', row)}</tr>" for row in body)
    yield "</tbody></table></div>"


def _more(all_of_them: int, shown: int, what: str) -> str:
    return f"<p>and {all_of_them - shown:,} more {what}</p>" if all_of_them > shown else ""


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.4f}"


def _share(value: float) -> str:
    return f"{value:.1%}"


def _value(value: object) -> str:
    if value is None:
        return "-"
    return f"{value:.6g}" if isinstance(value, float) else f"{value:,}" if isinstance(value, int) else _text(value)
