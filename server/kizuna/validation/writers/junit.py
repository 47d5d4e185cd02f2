"""A report as JUnit XML, which CI servers draw as tests: one test a constraint. Pure.

A test fails when there is a violation; its warnings and notes go to its output.
"""

from __future__ import annotations

from collections import defaultdict
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from kizuna.validation.report import Finding, Language, Report, Severity
from kizuna.validation.writers.plain import plain


def _line(found: Finding, language: Language) -> str:
    place = f"{found.location}: " if found.location else ""
    value = f" → {found.value_label[language]}" if found.value_label else ""
    return plain(f"{place}{found.focus_label[language]} <{found.focus}>{value}")


def write(report: Report, language: Language) -> str:
    """Write a report as JUnit XML."""
    by_rule: dict[str, list[Finding]] = defaultdict(list)
    for found in report.findings:
        by_rule[found.constraint.id].append(found)
    rules = {constraint.id: constraint for constraint in report.constraints}
    rules |= {found.constraint.id: found.constraint for found in report.findings}
    failing = {found.constraint.id for found in report.of(Severity.VIOLATION)}
    suite = Element(
        "testsuite",
        name="kizuna validate",
        tests=str(len(rules)),
        failures=str(len(failing)),
        errors="0",
        skipped="0",
        time=f"{report.seconds:.3f}",
    )
    for id_, constraint in rules.items():
        case = SubElement(
            suite, "testcase", classname="shapes", name=f"{id_}: {constraint.name[language]}", time="0"
        )
        lines = "\n".join(_line(found, language) for found in by_rule[id_])
        if id_ in failing:
            failure = SubElement(case, "failure", type="violation", message=constraint.message[language])
            failure.text = f"{lines}\n{constraint.fix[language]}"
        elif lines:
            SubElement(
                case, "system-out"
            ).text = f"{constraint.message[language]}\n{lines}\n{constraint.fix[language]}"
    suites = Element("testsuites")
    suites.append(suite)
    indent(suites)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(suites, encoding="unicode") + "\n"
