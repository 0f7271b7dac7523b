"""What files of one tree are to each other: said once, for whoever scans a tree and whoever opens one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from hauberk.checks.model.asked import rules_about
from hauberk.checks.model.beside import beyond, settle
from hauberk.checks.model.tree_case_fold_twins import TreeNames
from hauberk.rule import apply

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from hauberk.finding import Report
    from hauberk.rule import Rule


def judge_tree(
    reports: Mapping[str, Report],
    *,
    links: tuple[tuple[str, str], ...] = (),
    rules: Iterable[Rule] | None = None,
) -> dict[str, Report]:
    """Return the reports of a tree by their relative paths, with what only all of them together tell.

    Args:
        reports: of each file, and of each link that leads out.
        links: the path of each link that leads out, and what it is.
        rules: None: all rules about trees.
    """
    judged = settle({path: reports[path] for path in sorted(reports, key=str.encode)})
    names = TreeNames(tuple(judged), links, tuple(beyond(judged)))
    for finding in apply(rules_about(names) if rules is None else rules, names):
        path = finding.location.path or ""
        judged[path] = replace(judged[path], findings=(*judged[path].findings, finding))
    return judged
