"""What the gate found, as an answer for programs; and what goes wrong with a change, in the words of the desk. No logic."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from flask import Response, make_response, request

from kizuna.changes.documents import DocumentError
from kizuna.changes.patch import PatchError
from kizuna.changes.problems import ChangeError
from kizuna.changes.report import GateReport
from kizuna.ledger.proposals import ProposalStateError, ProposalVersionError
from kizuna.ledger.records import MissingError
from kizuna.sparql.updating import UpdateProblem
from kizuna.validation.report import Language
from kizuna.validation.writers import json as json_writer
from kizuna.validation.writers import junit, sarif, text, turtle
from kizuna.web.current import language
from kizuna.web.desk_words import TOO_HEAVY, from_change, from_code, say, too_heavy
from kizuna.web.errors import PROBLEMS, ProblemError
from kizuna.web.negotiation import choose

REPORTS = ("application/json", "text/turtle", "application/sarif+json", "application/xml", "text/plain")


def attempt(work: Callable[[], Any]) -> Any:
    """Do something with a change, and tell what goes wrong in the words of the desk.

    Raises:
        ProblemError: whatever went wrong.
    """
    try:
        return work()
    except ChangeError as error:
        raise from_change(error) from error
    except (PatchError, UpdateProblem) as error:
        raise from_code(error.code, error.ja, error.en, getattr(error, "line", None)) from error
    except DocumentError as error:
        one = error.problem
        raise from_code(one.code, one.ja, one.en, one.line) from error
    except (ProposalVersionError, ProposalStateError) as error:
        words = say("提案がその間に変わりました。", str(error))
        raise ProblemError("proposal-changed", words) from error
    except MissingError as error:
        raise ProblemError("unknown-proposal", say(error.ja, error.en)) from error
    except LookupError as error:
        raise ProblemError("unknown-proposal", str(error)) from error
    except TOO_HEAVY as error:
        raise too_heavy(error) from error


def report_response(report: GateReport, status: int, head: dict[str, Any] | None = None) -> Response:
    """A report in the negotiated format: JSON, Turtle (SHACL), SARIF, JUnit or text."""
    chosen = choose(request.headers.get("Accept", ""), REPORTS) or REPORTS[0]
    tongue: Language = "ja" if language() == "ja" else "en"
    findings = report.report
    if chosen == "text/turtle":
        body = turtle.write(findings)
    elif chosen == "application/sarif+json":
        sent = next((found.location.path for found in findings.findings if found.location), "")
        body = sarif.write(
            findings, tongue, notes=True, base=replace(sarif.SENT, otherwise=sent or "proposal")
        )
    elif chosen == "application/xml":
        body = junit.write(findings, tongue)
    elif chosen == "text/plain":
        body = text.write(findings, tongue, notes=True)
    else:
        whole = {**(head or {}), "missing": list(report.missing), **json.loads(json_writer.write(findings))}
        body = json.dumps(whole, ensure_ascii=False, indent=1)
    response = make_response(body, status)
    response.content_type = chosen + "; charset=utf-8"
    response.headers["Vary"] = "Accept, Accept-Language, Authorization, Cookie"
    return response


def refused(error: ChangeError, report: GateReport) -> Response:
    """The report of a change that the gate does not let pass: 422 with the members that every error has."""
    problem = PROBLEMS[error.code]
    head = {
        "type": f"https://w3id.org/kizuna/error/{error.code}",
        "code": error.code,
        "status": problem.status,
        "title": str(problem.title),
        "detail": error.text(language()),
        "what_to_do": str(problem.what_to_do),
    }
    return report_response(report, problem.status, head)
