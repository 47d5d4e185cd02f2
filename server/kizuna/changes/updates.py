"""SPARQL Update as a way in: what an update would do to the record becomes a patch. Runs in a sandboxed fork.

The sandbox can open nothing, so LOAD and SERVICE fail there even if a guard before it were fooled.
"""

from __future__ import annotations

import json
from typing import Final

from pyoxigraph import Quad, Store

from kizuna.changes.documents import DocumentProblem
from kizuna.changes.patch import Patch, PatchError, difference

JOB: Final = "kizuna.changes.updates:run"


def run(store: Store, text: bytes) -> bytes:
    """Run an update on a private copy of the record and tell what differs. To be run in a fork.

    Args:
        store: the record (the stated quads; derived and inferred ones cannot be written). The default graph is the union of all
            graphs for reading (WHERE); what is written must name its graph.
        text: SPARQL Update, UTF-8.

    Returns:
        JSON with either `patch` or `problem`, as `kizuna.changes.documents.read`.
    """
    before = set(store)
    try:
        store.update(text.decode())
        return json.dumps({"patch": _difference(before, set(store)).text()}).encode()
    except SyntaxError as error:
        one = DocumentProblem(
            "query-syntax",
            f"更新文を読めません({error.msg})。",
            f"The update cannot be read: {error.msg}",
            error.lineno,
            error.offset,
        )
    except PatchError as refused:
        one = DocumentProblem(refused.code, refused.ja, refused.en)
    except (OSError, RuntimeError, ValueError) as error:
        one = DocumentProblem(
            "update-failed", f"更新を実行できません({error})。", f"The update cannot be carried out: {error}"
        )
    return json.dumps({"problem": [one.code, one.ja, one.en, one.line, one.column]}).encode()


def _difference(before: set[Quad], after: set[Quad]) -> Patch:
    return difference(before - after, after - before)
