"""A report as a steward reads it: what is wrong, on which thing, where, and what would be right. Pure.

Violations and warnings are told one by one. Notes are many and alike, so they are counted by rule unless asked for.
"""

from __future__ import annotations

from collections import Counter
from typing import Final

from kizuna.validation.labels import short
from kizuna.validation.report import Finding, Language, Report, Severity, Text
from kizuna.validation.writers.plain import plain

SEVERITY_NAMES: Final = {
    Severity.VIOLATION: Text("違反", "violation"),
    Severity.WARNING: Text("警告", "warning"),
    Severity.INFO: Text("注記", "note"),
}
_PLURALS: Final = {"violation": "violations", "warning": "warnings", "note": "notes"}
_OPENING: Final = {
    True: Text("公開を妨げる違反はありません。", "Nothing stands in the way of publishing."),
    False: Text("違反を正すまで公開できません。", "The violations have to be put right before publishing."),
}


def headline(report: Report, language: Language) -> str:
    """Count the findings in one line."""
    if language == "ja":
        counts = "、".join(f"{SEVERITY_NAMES[sev].ja} {count:,}件" for sev, count in report.counts().items())
        return f"{counts}({report.triples:,}件の記述を{len(report.constraints):,}の制約で検証、{report.seconds:.1f}秒)"
    counts = ", ".join(
        f"{count:,} {SEVERITY_NAMES[sev].en if count == 1 else _PLURALS[SEVERITY_NAMES[sev].en]}"
        for sev, count in report.counts().items()
    )
    return (
        f"{counts} ({report.triples:,} statements against {len(report.constraints):,} constraints"
        f" in {report.seconds:.1f} s)"
    )


def _lines(finding: Finding, language: Language) -> list[str]:
    rows = [
        (Text("項目", "property"), finding.path_label[language] if finding.path_label else ""),
        (Text("値", "value"), finding.value_label[language] if finding.value_label else ""),
        (Text("場所", "place"), str(finding.location) if finding.location else ""),
        (Text("直し方", "fix"), finding.fix(language)),
        (Text("規則", "rule"), f"{finding.constraint.id} ({finding.constraint.name[language]})"),
    ]
    severity = SEVERITY_NAMES[finding.severity][language]
    return [
        plain(f"[{severity}] {finding.focus_label[language]}  <{short(finding.focus)}>"),
        plain(f"  {finding.message(language)}"),
        *(plain(f"  {label[language]}: {value}") for label, value in rows if value),
    ]


def write(report: Report, language: Language, *, notes: bool = False, limit: int | None = None) -> str:
    """Write a report as text.

    Args:
        report: what was found.
        language: of everything but names that exist in one language only.
        notes: tell notes one by one, too.
        limit: at most so many findings are told one by one; the rest is counted, never hidden.
    """
    told = [found for found in report.findings if notes or found.severity > Severity.INFO]
    blocks = ["\n".join(_lines(found, language)) for found in told[:limit]]
    if limit is not None and len(told) > limit:
        rest = len(told) - limit
        blocks.append(Text(f"ほかに{rest:,}件あります。", f"There are {rest:,} more.")[language])
    if not notes and (silent := report.of(Severity.INFO)):
        counted = Counter(found.constraint.id for found in silent)
        names = {found.constraint.id: found.constraint.name[language] for found in silent}
        title = Text("注記(規則ごとの件数)", "Notes, by rule")[language]
        blocks.append(
            "\n".join(
                [title, *(f"  {count:>6,}  {names[id_]} ({id_})" for id_, count in counted.most_common())]
            )
        )
    opening = f"{headline(report, language)}\n{_OPENING[report.conforms][language]}"
    return "\n\n".join([opening, *blocks]) + "\n"
