"""What the gate found: a validation report with what a proposal needs beside it. Frozen data and its JSON; no I/O."""

from __future__ import annotations

import json
from dataclasses import astuple, dataclass, field, replace
from typing import Any

from kizuna.validation.report import Constraint, Finding, Location, Report, Severity, Text


@dataclass(frozen=True, slots=True)
class GateReport:
    """The outcome of one passage through the gate.

    Args:
        base: the revision it was checked on.
        day: the as-of date (ISO) of the consistency check.
        report: findings that the change brings; contradictions with the ontology among them.
        standing: findings about the same things that were there before; they do not block.
        full: why everything was validated, "" when only what can be affected was.
        focus: number of things validated.
        missing: quads (N-Quads) that the patch removes and the record does not hold: somebody else changed them.
        removed: quads that really go.
        added: quads that really come.
        seconds: time by stage.
    """

    base: int
    day: str
    report: Report
    standing: tuple[Finding, ...] = ()
    full: str = ""
    focus: int = 0
    missing: tuple[str, ...] = ()
    removed: int = 0
    added: int = 0
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def violations(self) -> tuple[Finding, ...]:
        """What blocks."""
        return self.report.of(Severity.VIOLATION)

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """What needs a reason."""
        return self.report.of(Severity.WARNING)

    @property
    def notes(self) -> tuple[Finding, ...]:
        """What is good to know."""
        return self.report.of(Severity.INFO)

    @property
    def blocks(self) -> bool:
        """True when it cannot be published as it is."""
        return bool(self.violations or self.missing)

    def with_contradictions(self, other: GateReport) -> GateReport:
        """This report with the findings of another passage in front, and its times."""
        report = replace(self.report, findings=other.report.findings + self.report.findings)
        return replace(self, report=report, seconds={**self.seconds, **other.seconds})

    def to_json(self) -> str:
        """As JSON, constraints once each."""
        constraints = {f.constraint.iri: f.constraint for f in (*self.report.findings, *self.standing)}
        return json.dumps(
            {
                "base": self.base,
                "day": self.day,
                "constraints": {iri: _constraint(one) for iri, one in constraints.items()},
                "findings": [_finding(f) for f in self.report.findings],
                "standing": [_finding(f) for f in self.standing],
                "triples": self.report.triples,
                "engine": self.report.engine,
                "full": self.full,
                "focus": self.focus,
                "missing": list(self.missing),
                "removed": self.removed,
                "added": self.added,
                "seconds": {**self.seconds, "engine": self.report.seconds},
            },
            ensure_ascii=False,
        )

    @classmethod
    def from_json(cls, text: str) -> GateReport:
        """The reverse of `to_json`."""
        given: dict[str, Any] = json.loads(text)
        constraints = {
            iri: Constraint(
                iri, Severity[one["severity"]], Text(*one["name"]), Text(*one["message"]), Text(*one["fix"])
            )
            for iri, one in given["constraints"].items()
        }
        seconds = dict(given["seconds"])
        report = Report(
            tuple(_read_finding(f, constraints) for f in given["findings"]),
            tuple(constraints.values()),
            given["triples"],
            given["engine"],
            seconds.pop("engine", 0.0),
        )
        return cls(
            given["base"],
            given["day"],
            report,
            tuple(_read_finding(f, constraints) for f in given["standing"]),
            given["full"],
            given["focus"],
            tuple(given["missing"]),
            given["removed"],
            given["added"],
            seconds,
        )


def _text(text: Text | None) -> list[str] | None:
    return None if text is None else [text.ja, text.en]


def _constraint(one: Constraint) -> dict[str, Any]:
    return {
        "severity": one.severity.name,
        "name": _text(one.name),
        "message": _text(one.message),
        "fix": _text(one.fix),
    }


def _finding(one: Finding) -> dict[str, Any]:
    return {
        "constraint": one.constraint.iri,
        "focus": one.focus,
        "focus_label": _text(one.focus_label),
        "path": one.path,
        "path_label": _text(one.path_label),
        "value": one.value,
        "value_label": _text(one.value_label),
        "component": one.component,
        "location": astuple(one.location) if one.location else None,
    }


def _read_finding(given: dict[str, Any], constraints: dict[str, Constraint]) -> Finding:
    def text(name: str) -> Text | None:
        return Text(*given[name]) if given[name] else None

    return Finding(
        given["focus"],
        text("focus_label") or Text("", ""),
        given["path"],
        text("path_label"),
        given["value"],
        text("value_label"),
        constraints[given["constraint"]],
        given["component"],
        Location(*given["location"]) if given["location"] else None,
    )
