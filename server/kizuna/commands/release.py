"""`kizuna release`: the dataset as a folder to publish, the same bytes whenever the same is released. Writes a folder.

Nothing in it depends on the clock, the machine or the order of a directory: the day is given, quads are sorted,
blank nodes are named by their meaning (RDF Dataset Canonicalization, RDFC-1.0).
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import sys
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Final

import click
from pyoxigraph import CanonicalizationAlgorithm, Dataset, NamedNode, Quad

from kizuna import __version__
from kizuna.atlas.coverage import coverage, markdown
from kizuna.commands.options import language_option, told, workspace_option
from kizuna.engine.config import EngineConfig
from kizuna.engine.embedded import start_embedded
from kizuna.engine.types import EngineError, View
from kizuna.ledger.database import LedgerError
from kizuna.ledger.load import load_with_ledger
from kizuna.settings import SettingsError
from kizuna.sparql.description import LICENCE, TITLES, dcat_description, read_figures, void_description
from kizuna.validation.run import validate_workspace
from kizuna.validation.writers import json as as_json
from kizuna.views.build import build_view
from kizuna.workspace.load import LoadedWorkspace, WorkspaceError, load_store
from kizuna.workspace.names import BASE
from kizuna.workspace.turtle import to_turtle

SUMS: Final = "SHA256SUMS"
KEPT: Final = {"ontology": (".ttl", ".rq"), "shapes": (".ttl",), "queries": (".rq",)}
_VERSION: Final = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{0,40}\Z")
ABSTRACT: Final = "A knowledge graph of partner countries, frameworks, agreements and cooperation areas, with dates and sources."


def canonical(quads: Iterable[Quad]) -> bytes:
    """Quads as sorted N-Quads with canonical blank nodes."""
    dataset = Dataset(quads)
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return "".join(sorted(f"{quad} .\n" for quad in dataset)).encode()


def copy_workspace(loaded: LoadedWorkspace, workspace: Path, target: Path) -> None:
    """The workspace's files into the release; the data as the record has it."""
    for room, endings in KEPT.items():
        for path in sorted((workspace / room).rglob("*")):
            if path.suffix in endings:
                place = target / room / path.relative_to(workspace / room)
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(path.read_bytes())
    for file in loaded.files:
        if file.room == "data":
            place = target / "data" / (file.graph.split("/graph/data/", 1)[1] + ".ttl")
            place.parent.mkdir(parents=True, exist_ok=True)
            if loaded.revision == 0:
                place.write_bytes(file.path.read_bytes())
            else:
                text = to_turtle(loaded.store.quads_for_pattern(None, None, None, NamedNode(file.graph)))
                place.write_text(text, "utf-8")


def citation(version: str, day: date) -> str:
    """CITATION.cff (Citation File Format 1.2.0)."""
    return "\n".join(
        (
            "cff-version: 1.2.0",
            "message: If you use this dataset, please cite it as below.",
            "type: dataset",
            f"title: {json.dumps(TITLES[0][0])}",
            f"abstract: {json.dumps(ABSTRACT)}",
            "authors:",
            "  - name: Kizuna contributors",
            f"version: {json.dumps(version)}",
            f"date-released: {day.isoformat()}",
            f"url: {BASE}",
            "license: CC-BY-4.0",
            "",
        )
    )


def citation_json(version: str, day: date) -> str:
    """The same as JSON-LD (schema.org/Dataset)."""
    said = {
        "@context": "https://schema.org/",
        "@type": "Dataset",
        "@id": BASE,
        "name": [{"@value": text, "@language": language} for text, language in TITLES],
        "description": ABSTRACT,
        "version": version,
        "datePublished": day.isoformat(),
        "license": LICENCE,
        "creator": {"@type": "Organization", "name": "Kizuna contributors"},
        "inLanguage": ["ja", "en"],
        "isAccessibleForFree": True,
        "distribution": [
            {"@type": "DataDownload", "encodingFormat": "application/n-quads", "contentUrl": name}
            for name in ("kizuna.nq", "kizuna-view.nq")
        ],
    }
    return json.dumps(said, ensure_ascii=False, indent=2) + "\n"


def checksums(target: Path) -> str:
    """SHA-256 of every file, as `sha256sum --check` reads it."""
    return "".join(
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(target).as_posix()}\n"
        for path in sorted(target.rglob("*"), key=lambda path: path.relative_to(target).as_posix())
        if path.is_file() and path.name != SUMS
    )


def describe(target: Path, day: date) -> None:
    """Coverage, and the description by VoID and DCAT; both of the release itself."""
    config = EngineConfig(target, loader="kizuna.workspace.load:load_store")
    view = View(day)
    with start_embedded(config) as engine:
        page = markdown(coverage(lambda text: engine.select(view, text)), day.isoformat())
        figures = read_figures(engine, view)
    (target / "coverage.md").write_text(page, "utf-8")
    said = [
        *dcat_description(BASE, figures, day.isoformat()),
        *void_description(BASE, figures, day.isoformat()),
    ]
    quads = (Quad(one.subject, one.predicate, one.object) for one in said)
    (target / "dataset.nt").write_bytes(canonical(quads))


def release(workspace: Path, target: Path, version: str, day: date) -> bool:
    """Write a release into an empty folder.

    Args:
        workspace: what is released.
        target: the folder; made when it is not there.
        version: name of the release.
        day: day of the release, as of which the view is built.

    Returns:
        whether the data fits the shapes.

    Raises:
        WorkspaceError, LedgerError: the workspace cannot be read.
        EngineError: the view cannot be built.
    """
    loaded = load_with_ledger(workspace)
    copy_workspace(loaded, workspace, target)
    own = load_store(target).store
    (target / "kizuna.nq").write_bytes(canonical(own))
    report = replace(validate_workspace(target), seconds=0.0)
    (target / "validation.json").write_text(as_json.write(report), "utf-8")
    describe(target, day)
    build_view(own, day)
    (target / "kizuna-view.nq").write_bytes(canonical(own))
    (target / "CITATION.cff").write_text(citation(version, day), "utf-8")
    (target / "citation.jsonld").write_text(citation_json(version, day), "utf-8")
    about = {"version": version, "day": day.isoformat(), "revision": loaded.revision, "product": __version__}
    (target / "release.json").write_text(json.dumps(about, indent=2) + "\n", "utf-8")
    (target / SUMS).write_text(checksums(target), "utf-8")
    return report.conforms


@click.command("release")
@click.argument("version")
@click.option(
    "--to", "target", type=click.Path(path_type=Path), required=True, help="An empty or new folder."
)
@click.option("--asof", type=click.DateTime(["%Y-%m-%d"]), help="Day of the release; default: today.")
@workspace_option
@language_option
def release_command(
    version: str, target: Path, asof: datetime | None, workspace: Path, language: str
) -> None:
    """Write a release of the dataset: data, ontology, shapes, queries, the view, validation, coverage, checksums.

    The same record, version and day give the same bytes. Exit codes: 0 written, 1 written, but the data does not fit the
    shapes, 2 the workspace or the folder cannot be used.

    \b
    Examples:
      kizuna release 2026.1 --to dist/kizuna-2026.1 --asof 2026-01-31
      (cd dist/kizuna-2026.1 && sha256sum --check SHA256SUMS)
    """
    try:
        files, fits = _released(workspace.resolve(), target, version, asof.date() if asof else date.today())
    except (SettingsError, WorkspaceError, LedgerError, EngineError, OSError) as error:
        click.echo(told(error, language), err=True)
        sys.exit(2)
    click.echo(f"{target}: {files} ファイル" if language == "ja" else f"{target}: {files} files")
    if not fits:
        said = {
            "ja": "データがシェイプに合いません。validation.json を見てください。",
            "en": "The data does not fit the shapes: see validation.json.",
        }
        click.echo(said[language], err=True)
        sys.exit(1)


def _released(workspace: Path, target: Path, version: str, day: date) -> tuple[int, bool]:
    """Make the folder and write the release into it, or leave nothing; gives the number of files, and whether the data fits the shapes.

    Raises:
        SettingsError: no such name of a release, or the folder is not empty.
        WorkspaceError, LedgerError, EngineError, OSError: something cannot be read or written.
    """
    if not _VERSION.match(version):
        raise SettingsError(
            f"'{version}' cannot name a release: letters, digits, '.', '_' and '-' only.",
            f"「{version}」は公開版の名前に使えません。英数字と「.」「_」「-」だけで名付けてください。",
        )
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise SettingsError(
            f"{target} is not empty: name a new folder.",
            f"{target} は空ではありません。新しいフォルダーを指定してください。",
        )
    made = not target.exists()
    target.mkdir(parents=True, exist_ok=True)
    try:
        fits = release(workspace, target.resolve(), version, day)
    except BaseException:  # also when it is broken off: half a release is none
        if made:
            shutil.rmtree(target)
        raise
    return len((target / SUMS).read_text("utf-8").splitlines()), fits
