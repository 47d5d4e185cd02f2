"""What `kizuna doctor` looks at of the record: workspace, ledger, derivation rules. Reads files."""

from __future__ import annotations

import os
from pathlib import Path

from kizuna.commands.doctor_finding import Finding
from kizuna.commands.options import told
from kizuna.ledger.database import LedgerError, ledger_path
from kizuna.ledger.ledger import Ledger
from kizuna.ledger.load import load_with_ledger
from kizuna.views.build import rules_for
from kizuna.views.rules import RuleCycleError, RuleError
from kizuna.views.strata import strata
from kizuna.workspace.load import WorkspaceError


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
