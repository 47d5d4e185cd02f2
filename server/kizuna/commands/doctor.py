"""`kizuna doctor`: looks at an installation and says what to do. Reads files and the kernel's limits; tries a port."""

from __future__ import annotations

import importlib.metadata
import json
import os
import re
import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click

from kizuna.commands.options import language_option, told, workspace_option
from kizuna.commands.setup import engine_config, listening, remote_store
from kizuna.engine import remote_client
from kizuna.engine.types import EngineError
from kizuna.ledger.database import LedgerError, ledger_path
from kizuna.ledger.ledger import Ledger
from kizuna.ledger.load import load_with_ledger
from kizuna.settings import Settings, SettingsError, unknown_variables
from kizuna.views.build import rules_for
from kizuna.views.rules import RuleCycleError, RuleError
from kizuna.views.strata import strata
from kizuna.web.filters import manifest
from kizuna.workspace.load import WorkspaceError

OLDEST_PYTHON: Final = (3, 11)
FILES: Final = 1_024
PROCESSES: Final = 128
FREE_DISK: Final = 500_000_000
EARLIEST: Final = 1_750_000_000
"""Seconds of a moment that is past for sure: a clock before it is wrong."""
MARKS: Final = {"good": "✓", "warning": "!", "bad": "✗"}


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found.

    Args:
        check: stable name.
        grade: good, warning (it runs, but not well) or bad (it will not run).
        ja: what was found, and what to do, in Japanese.
        en: the same in English.
    """

    check: str
    grade: str
    ja: str
    en: str


def check_python(version: tuple[int, ...] = sys.version_info[:3]) -> Finding:
    """The interpreter's version."""
    shown = ".".join(map(str, version))
    if version < OLDEST_PYTHON:
        return Finding(
            "python",
            "bad",
            f"Python {shown} は古すぎます。3.11 以降で環境を作り直してください。",
            f"Python {shown} is too old: make the environment again with 3.11 or newer.",
        )
    return Finding("python", "good", f"Python {shown}", f"Python {shown}")


def check_packages() -> Finding:
    """Every library that the product needs."""
    missing = []
    for line in importlib.metadata.requires("kizuna") or []:
        name = re.split(r"[\s<>=!~;\[]", line, maxsplit=1)[0]
        try:
            importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            missing.append(name)
    if missing:
        listed = ", ".join(missing)
        return Finding(
            "packages",
            "bad",
            f"ライブラリがありません：{listed}。kizuna をもう一度インストールしてください。",
            f"Libraries are missing: {listed}. Install kizuna again.",
        )
    return Finding("packages", "good", "ライブラリはそろっています", "All libraries are there")


def check_kernel(
    limit: Callable[[int], tuple[int, int]] = resource.getrlimit, platform: str = sys.platform
) -> Iterator[Finding]:
    """What the kernel allows: Linux, processes, files."""
    if not platform.startswith("linux"):
        yield Finding(
            "kernel",
            "bad",
            f"{platform} では動きません。Linux で動かしてください。",
            f"{platform} will not do: run it on Linux.",
        )
        return
    found = []
    for name, which, wanted in (
        ("open files (ulimit -n)", resource.RLIMIT_NOFILE, FILES),
        ("processes (ulimit -u)", resource.RLIMIT_NPROC, PROCESSES),
    ):
        soft, _ = limit(which)
        if soft != resource.RLIM_INFINITY and soft < wanted:
            found.append(f"{name}: {soft} < {wanted}")
    if limit(resource.RLIMIT_AS)[0] != resource.RLIM_INFINITY:
        found.append("address space (ulimit -v)")
    if found:
        listed = "; ".join(found)
        yield Finding(
            "kernel",
            "warning",
            f"カーネルの制限が小さすぎます：{listed}。systemd の LimitNOFILE・LimitNPROC などで上げてください。",
            f"The kernel's limits are low: {listed}. Raise them, e.g. by systemd's LimitNOFILE and LimitNPROC.",
        )
    else:
        yield Finding("kernel", "good", "カーネルの制限は十分です", "The kernel's limits suffice")


def check_workspace(workspace: Path) -> Finding:
    """The workspace and its ledger can be read."""
    try:
        loaded = load_with_ledger(workspace)
    except LedgerError:
        return Finding(
            "workspace", "bad", "台帳が使えるまで調べられません", "It waits for its ledger to be mended"
        )
    except (WorkspaceError, OSError) as error:
        return Finding(
            "workspace",
            "bad",
            f"ワークスペースを読めません：{told(error, 'ja')} ファイルを直すか --workspace で別の場所を指定してください。",
            f"The workspace cannot be read: {error} Correct the file, or name another place with --workspace.",
        )
    if not len(loaded.store):
        return Finding(
            "workspace",
            "warning",
            f"{workspace} には何もありません。KIZUNA_WORKSPACE を確かめてください。",
            f"{workspace} holds nothing: check KIZUNA_WORKSPACE.",
        )
    return Finding(
        "workspace",
        "good",
        f"{len(loaded.store)} 件の記述、リビジョン {loaded.revision}",
        f"{len(loaded.store)} quads, revision {loaded.revision}",
    )


def check_ledger(workspace: Path, named: str = "") -> Finding:
    """The ledger, where there is one, is sound and can be written.

    Args:
        workspace: whose ledger it is.
        named: the ledger's place as the operator has set it; "" where it is the workspace's own.
    """
    path = ledger_path(workspace)
    if not path.exists():
        if named:
            return Finding(
                "ledger",
                "warning",
                f"KIZUNA_LEDGER の台帳 {path} がありません。ディスクがつながっているか、パスが正しいかを確かめるか、kizuna ledger restore ファイル で"
                "バックアップから戻してください。初めてなら kizuna account add で作ります。",
                f"The ledger {path} of KIZUNA_LEDGER is missing: check that its disk is there and the path is right, or put a backup back"
                " with kizuna ledger restore FILE. If there never was one, kizuna account add begins it.",
            )
        return Finding(
            "ledger",
            "good",
            f"台帳はまだありません（{path}）。あったはずなら kizuna ledger restore ファイル で戻してください",
            f"No ledger yet ({path}); if there was one, put a backup back with kizuna ledger restore FILE",
        )
    shut = [str(place) for place in (path, path.parent) if not os.access(place, os.R_OK | os.W_OK)]
    if shut:
        return Finding(
            "ledger",
            "bad",
            f"台帳を読み書きできません：{', '.join(shut)}。サーバーを動かす利用者に権限を与えてください（chown、chmod）。",
            f"The ledger cannot be read and written: {', '.join(shut)}. Give the user that runs the server the right to (chown, chmod).",
        )
    try:
        ledger = Ledger(path)
        try:
            revision = ledger.verify()
        finally:
            ledger.close()
    except LedgerError as error:
        return Finding("ledger", "bad", told(error, "ja"), told(error, "en"))
    return Finding(
        "ledger",
        "good",
        f"台帳は正しい状態です（リビジョン {revision}）",
        f"The ledger is sound (revision {revision})",
    )


def check_rules(workspace: Path) -> Finding:
    """The derivation rules can be read and put in strata."""
    try:
        rules = rules_for(load_with_ledger(workspace).store)
    except RuleCycleError as error:
        circles = " / ".join(" → ".join((*circle.rules, circle.rules[0])) for circle in error.circles)
        return Finding(
            "rules",
            "bad",
            f"導出規則が循環しています：{circles}。ontology/rules/ の規則をどれか直してください（{error}）。",
            f"Derivation rules depend on each other in a circle: {circles}. Correct one of them in ontology/rules/ ({error})",
        )
    except RuleError as error:
        return Finding(
            "rules",
            "bad",
            f"導出規則を読めません：{error} ontology/rules/ を直してください。",
            f"A derivation rule cannot be read: {error} Correct it in ontology/rules/.",
        )
    except (WorkspaceError, LedgerError, OSError):
        return Finding(
            "rules", "warning", "導出規則はまだ調べられません", "The derivation rules cannot be looked at yet"
        )
    levels = len(set(strata(rules).values()))
    return Finding(
        "rules",
        "good",
        f"導出規則 {len(rules)} 件、{levels} 層、循環なし",
        f"{len(rules)} derivation rules in {levels} strata, no circle",
    )


def check_bundle(files: Callable[[], dict[str, str]] = manifest) -> Finding:
    """The front end's bundle has been built."""
    if files():
        return Finding("bundle", "good", "画面の部品はそろっています", "The front end's bundle is built")
    return Finding(
        "bundle",
        "warning",
        "画面の部品がありません。ページは飾りなしになります。`make frontend` を実行するか、wheel をインストールしてください。",
        "The front end's bundle is missing, pages will be plain: run `make frontend`, or install the wheel.",
    )


def check_port(host: str, port: int) -> Finding:
    """The port is free."""
    try:
        with listening(host, port):
            return Finding("port", "good", f"{host}:{port} は空いています", f"{host}:{port} is free")
    except OSError as error:
        return Finding(
            "port",
            "warning",
            f"{host}:{port} は使えません（{error.strerror}）。すでに動いているのでなければ KIZUNA_PORT を変えてください。",
            f"{host}:{port} cannot be used ({error.strerror}): unless Kizuna is running there already, change KIZUNA_PORT.",
        )


def check_disk(
    workspace: Path, free: Callable[[Path], int] = lambda path: shutil.disk_usage(path).free
) -> Finding:
    """There is room for the ledger and for large answers."""
    places = (workspace, Path(tempfile.gettempdir()))
    low = [str(path) for path in places if path.is_dir() and free(path) < FREE_DISK]
    shut = [str(path) for path in places if path.is_dir() and not os.access(path, os.W_OK)]
    if low:
        return Finding(
            "disk",
            "bad",
            f"空きが 500 MB に足りません：{', '.join(low)}。場所を空けてください。",
            f"Less than 500 MB is free: {', '.join(low)}. Make room.",
        )
    if shut:
        return Finding(
            "disk",
            "warning",
            f"書き込めません：{', '.join(shut)}。変更を記録するには、書き込める場所にワークスペースを置いてください。",
            f"Cannot be written: {', '.join(shut)}. To record changes, keep the workspace where it can be written.",
        )
    return Finding("disk", "good", "空きは十分です", "There is room on the disk")


def check_clock(now: Callable[[], float] = time.time, zone: str = "Asia/Tokyo") -> Finding:
    """The clock and its zone: "today" depends on them."""
    try:
        ZoneInfo(zone)
    except ZoneInfoNotFoundError:
        return Finding(
            "clock",
            "bad",
            f"時間帯 {zone} の情報がありません。tzdata をインストールしてください。",
            f"Nothing is known of the time zone {zone}: install tzdata.",
        )
    if now() < EARLIEST:
        return Finding(
            "clock",
            "bad",
            "時計が過去を指しています。合わせてください（chrony など）。",
            "The clock is in the past: set it (e.g. by chrony).",
        )
    return Finding("clock", "good", "時計は使えます", "The clock can be used")


def check_settings(settings: Settings) -> Finding:
    """The settings fit together."""
    try:
        engine_config(settings)
        remote_store(settings)
    except (SettingsError, OSError) as error:
        return Finding(
            "settings",
            "bad",
            f"設定を使えません：{told(error, 'ja')}",
            f"The settings cannot be used: {error}",
        )
    return Finding("settings", "good", "設定は使えます", "The settings can be used")


def check_names(environment: Mapping[str, str]) -> Iterator[Finding]:
    """No variable looks like a setting and is none: it would be passed over in silence."""
    for name, near in unknown_variables(environment).items():
        yield Finding(
            "names",
            "warning",
            f"環境変数 {name} は設定ではないため、無視されます。"
            + (f"{near} のことですか。" if near else "docs/settings.md を見てください。"),
            f"The variable {name} is no setting and is passed over: "
            + (f"did you mean {near}?" if near else "see docs/settings.md."),
        )


def check_store(settings: Settings) -> Iterator[Finding]:
    """The remote store answers, where there is one."""
    try:
        store = remote_store(settings)
    except SettingsError:
        return
    if store is None:
        return
    try:
        remote_client.query(store, "ASK {}", 10.0)
    except EngineError as error:
        yield Finding(
            "store",
            "bad",
            f"{store.query_url}：{error} KIZUNA_ENDPOINT と、ストアが動いていることを確かめてください。",
            f"{store.query_url}: {error} Check KIZUNA_ENDPOINT and that the store runs.",
        )
        return
    yield Finding("store", "good", "ストアは答えます", "The store answers")


def examine(settings: Settings) -> Iterator[Finding]:
    """All checks, in the order in which to mend."""
    yield check_python()
    yield check_packages()
    yield from check_kernel()
    yield check_settings(settings)
    yield from check_names(os.environ)
    yield check_clock()
    yield check_disk(settings.workspace)
    yield check_ledger(settings.workspace, settings.ledger)
    yield check_workspace(settings.workspace)
    yield check_rules(settings.workspace)
    yield check_bundle()
    yield check_port(settings.host, settings.port)
    yield from check_store(settings)
    yield Finding("fonts", "good", "サーバーにフォントは要りません", "No fonts are needed on the server")


@click.command("doctor")
@click.option(
    "--format", "-f", "form", type=click.Choice(["text", "json"]), default="text", show_default=True
)
@workspace_option
@language_option
def doctor_command(form: str, workspace: Path, language: str) -> None:
    """Check this installation and say what to do.

    Exit codes: 0 it will run (there may be warnings), 1 it will not, 2 a setting cannot be read.

    \b
    Examples:
      kizuna doctor
      kizuna doctor -w /srv/kizuna -l ja
    """
    try:
        settings = Settings.from_environment(os.environ, workspace=workspace.resolve())
    except SettingsError as error:
        click.echo(told(error, language), err=True)
        sys.exit(2)
    found = list(examine(settings))
    if form == "json":
        click.echo(json.dumps([asdict(one) for one in found], ensure_ascii=False, indent=1))
    else:
        for one in found:
            click.echo(f"{MARKS[one.grade]} {one.check}: {one.ja if language == 'ja' else one.en}")
    sys.exit(1 if any(one.grade == "bad" for one in found) else 0)
