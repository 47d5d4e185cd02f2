"""`kizuna propose|review|publish|log|revert|sync`: changes from the command line, through the same gate as everywhere."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from pyoxigraph import RdfFormat, Store

from kizuna.changes import documents, places, sheets, updates
from kizuna.changes.importing import kind_of
from kizuna.changes.packed import PackedPatch
from kizuna.changes.patch import Patch, parse_patch
from kizuna.changes.places import Source
from kizuna.changes.syncing import reconcile
from kizuna.changes.workflow import GATE_LIMITS
from kizuna.commands.desk import Tools, account_option, open_ledger, say, show_report, tools
from kizuna.commands.options import language_option, workspace_option
from kizuna.engine.types import View
from kizuna.ledger.load import load_with_ledger, quads
from kizuna.sparql.guard import Policy, examine_update
from kizuna.sparql.updating import Update, evaluate
from kizuna.workspace.load import load_store
from kizuna.workspace.names import GRAPH


def _patch(
    desk: Tools, file: Path, graph: str, mode: str, table: str | None, sheet: str, language: str
) -> Patch | PackedPatch:
    """The patch that a file amounts to, read in a sandbox."""
    body, suffix = file.read_bytes(), file.suffix.lstrip(".").lower()
    if suffix in ("rdfp", "patch"):
        return parse_patch(body.decode())
    if suffix in ("ru", "update"):
        text = body.decode()
        examine_update(text, Policy())
        view = View(desk.engine.today().as_of, desk.changes.catch_up())
        effect = evaluate(desk.engine, view, Update(text), GATE_LIMITS)
        return updates.to_patch(effect.removed, effect.added)
    iri = graph if "://" in graph else f"{GRAPH}{graph}"
    if suffix in ("csv", "xlsx", "tsv"):
        arguments = (body, kind_of(suffix), table or file.stem, iri, mode, sheet)
        found = sheets.read_answer(desk.engine.run_in_fork(None, sheets.JOB, arguments, limits=GATE_LIMITS))
        for problem in found.problems:
            click.echo(problem.text(language), err=True)
        if found.problems:
            sys.exit(1)
        return found.patch
    media_type = documents.SUFFIXES.get(suffix, suffix)
    answer = desk.engine.run_in_fork(None, documents.JOB, (body, media_type, iri, mode), limits=GATE_LIMITS)
    return documents.read_answer(answer)


def _media_type(file: Path) -> str:
    suffix = file.suffix.lstrip(".").lower()
    return {"csv": places.CSV, "tsv": places.CSV, "xlsx": places.XLSX, **documents.SUFFIXES}.get(suffix, "")


@click.command("propose")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--graph", default="", help="Graph that is changed, such as data/japan/agreements.")
@click.option("--mode", type=click.Choice(documents.MODES), default="add", help="What the file means.")
@click.option("--table", help="Mapping of a table (default: the file's name).")
@click.option(
    "--sheet", default="", help="Sheet of a spreadsheet (default: named like the mapping, else the first)."
)
@click.option("--title", default="", help="What the change does.")
@click.option("--reason", default="", help="Why its warnings are acceptable.")
@account_option
@workspace_option
@language_option
def propose_command(
    file: Path,
    graph: str,
    mode: str,
    table: str | None,
    sheet: str,
    title: str,
    reason: str,
    account: str,
    workspace: Path,
    language: str,
) -> None:
    """Make a proposal of a file: Turtle, TriG, N-Quads, JSON-LD, RDF/XML, CSV, XLSX, SPARQL Update (.ru), RDF Patch (.rdfp).

    Prints the proposal's number and the gate's report. With errors the proposal stays a draft.
    Exit codes: 0 open for review, 1 errors, 2 something cannot be read.

    \b
    Examples:
      kizuna propose agreements.ttl --graph data/new/agreements --as aoi
      kizuna propose participations.xlsx --graph data/new/participations --mode replace-things --as aoi
    """
    with tools(workspace, account, language) as desk:
        patch = _patch(desk, file, graph, mode, table, sheet, language)
        iri = graph if "://" in graph or not graph else f"{GRAPH}{graph}"
        source = Source(file.read_bytes(), _media_type(file), file.name, iri, table or file.stem, sheet)
        proposal, report = desk.changes.propose(
            desk.actor, patch, title=title or file.name, way="command", reason=reason, source=source
        )
        click.echo(f"{proposal.id}\t{proposal.state}\t-{report.removed} +{report.added}\t{proposal.title}")
        show_report(report, language)
        if report.blocks:
            sys.exit(1)


@click.command("review")
@click.argument("proposal", type=int)
@click.option("--approve", "verdict", flag_value="approve", help="Approve of it.")
@click.option("--change", "verdict", flag_value="change", help="Ask for changes.")
@click.option("--text", default="", help="What you have to say.")
@account_option
@workspace_option
@language_option
def review_command(
    proposal: int, verdict: str | None, text: str, account: str, workspace: Path, language: str
) -> None:
    """Show a proposal with its report, or judge it.

    Exit codes: 0 done, 1 not permitted, 2 there is no such proposal.

    \b
    Examples:
      kizuna review 7 --as mori
      kizuna review 7 --approve --as mori
    """
    with tools(workspace, account, language) as desk:
        found = desk.ledger.proposals.get(proposal)
        if verdict is None:
            click.echo(f"{found.id}\t{found.state}\t{found.author}\t{found.title}")
            click.echo(found.patch, nl=False)
            show_report(desk.changes.report_of(found), language)
            return
        desk.changes.review(
            desk.actor, proposal, found.version, "approve" if verdict == "approve" else "change", text
        )


@click.command("publish")
@click.argument("proposal", type=int)
@click.option("--reason", default="", help="Why its warnings are acceptable.")
@account_option
@workspace_option
@language_option
def publish_command(proposal: int, reason: str, account: str, workspace: Path, language: str) -> None:
    """Publish a proposal. When this returns, it is on the disk. A running server takes it over within seconds.

    Exit codes: 0 published, 1 errors, conflicts or not permitted (says why), 2 there is no such proposal.

    \b
    Examples:
      kizuna publish 7 --as abe
    """
    with tools(workspace, account, language) as desk:
        commit = desk.changes.publish(desk.actor, proposal, reason)
        click.echo(f"{commit.revision}\t{commit.digest}")


@click.command("log")
@click.option("--thing", help="Only commits about this IRI.")
@click.option("--patch", is_flag=True, help="Show what was changed.")
@click.option("--limit", type=int, default=50, help="How many, the newest first.")
@workspace_option
@language_option
def log_command(thing: str | None, patch: bool, limit: int, workspace: Path, language: str) -> None:
    """Show what was published: revision, time, who wrote and who published it, what.

    Exit codes: 0 shown, 2 there is no ledger.

    \b
    Examples:
      kizuna log
      kizuna log --thing https://w3id.org/kizuna/id/agreement/jp-ph-raa --patch
    """
    ledger = open_ledger(workspace, language)
    commits = ledger.history(thing, limit) if thing else ledger.commits(0, limit, newest_first=True)
    for commit in commits:
        click.echo(f"{commit.revision}\t{commit.time}\t{commit.byline(language)}\t{commit.message}")
        if patch:
            click.echo(commit.patch, nl=False)


@click.command("revert")
@click.argument("revision", type=int)
@account_option
@workspace_option
@language_option
def revert_command(revision: int, account: str, workspace: Path, language: str) -> None:
    """Propose to undo a commit. It is reviewed and published like any other proposal.

    Exit codes: 0 proposed, 1 it would bring errors or conflicts (kept as a draft), 2 there is no such commit.

    \b
    Examples:
      kizuna revert 12 --as aoi
    """
    with tools(workspace, account, language) as desk:
        proposal, report = desk.changes.revert(desk.actor, revision)
        click.echo(f"{proposal.id}\t{proposal.state}\t{proposal.title}")
        show_report(report, language)
        if report.blocks:
            sys.exit(1)


@click.command("sync")
@click.option("--dry-run", is_flag=True, help="Only show the three-way difference.")
@account_option
@workspace_option
@language_option
def sync_command(dry_run: bool, account: str, workspace: Path, language: str) -> None:
    """Compare the files with the record and propose what the files have changed.

    Files changed under a ledger with commits (a new release, an edit by hand) do not change the record by themselves.
    Exit codes: 0 nothing to do or proposed, 1 errors or clashes, 2 something cannot be read.

    \b
    Examples:
      kizuna sync --dry-run --as aoi
      kizuna sync --as aoi
    """
    with tools(workspace, account, language) as desk:
        snapshot = desk.ledger.snapshot("files")
        if snapshot is None:
            click.echo(
                say(
                    language,
                    "まだ何も公開されていないため、ファイルがそのまま記録です。",
                    "Nothing has been published yet: the files are the record.",
                )
            )
            return
        at, content = snapshot
        seen = Store()
        seen.bulk_extend(quads(content))
        since = Patch()
        for commit in desk.ledger.commits(after=at):
            since = since.then(parse_patch(commit.patch))
        files = load_store(workspace).store
        found = reconcile(seen, files, load_with_ledger(workspace).store, since)
        for clash in found.clashes:
            click.echo(f"<{clash.subject}> <{clash.predicate}>")
            for mark, values in (("=", clash.base), ("<", clash.theirs), (">", clash.mine)):
                click.echo(f"  {mark} {', '.join(values)}")
        if dry_run or not found.patch:
            click.echo(found.patch.text(), nl=False)
            return
        proposal, report = desk.changes.propose(
            desk.actor,
            found.patch,
            title=say(language, "ファイルとの照合", "Reconciliation with the files"),
            way="sync",
            open_now=not found.clashes,
        )
        desk.ledger.keep_snapshot("files", report.base, files.dump(format=RdfFormat.N_QUADS) or b"")
        click.echo(f"{proposal.id}\t{proposal.state}\t-{report.removed} +{report.added}")
        show_report(report, language)
        if report.blocks or found.clashes:
            sys.exit(1)
