"""Words of desk and accounts, in both languages side by side, and their kinds of error. Reads the request's language only."""

from __future__ import annotations

from flask_babel.speaklater import LazyString

from kizuna.changes.problems import ChangeError
from kizuna.engine.types import EngineError, QueryMemoryError, QueryTimeoutError, WorkerCrashedError
from kizuna.web.current import language
from kizuna.web.errors import PROBLEMS, Problem, ProblemError


def say(ja: str, en: str) -> str:
    """The sentence in the request's language."""
    return ja if language() == "ja" else en


def _later(ja: str, en: str) -> LazyString:
    return LazyString(lambda: say(ja, en))


def _problem(status: int, ja: str, en: str, do_ja: str, do_en: str) -> Problem:
    return Problem(status, _later(ja, en), _later(do_ja, do_en))


_CORRECT = ("指摘された箇所を直して、もう一度送ってください。", "Correct what is named and send it again.")

TOO_HEAVY = (QueryTimeoutError, QueryMemoryError, WorkerCrashedError)
"""What ends a sandbox whose work is too much for it."""

DESK_PROBLEMS: dict[str, Problem] = {
    "sign-in-needed": _problem(
        401,
        "サインインが必要です",
        "You have to sign in",
        "サインインするか、トークンを付けて送ってください。",
        "Sign in, or send a token.",
    ),
    "not-permitted": _problem(
        403,
        "この操作は許可されていません",
        "You may not do this",
        "理由に書かれた役割の人に頼んでください。",
        "Ask somebody with the role that is named.",
    ),
    "bad-csrf": _problem(
        400,
        "このフォームは古くなっています",
        "This form is out of date",
        "ページを開き直して、もう一度送ってください。",
        "Open the page again and send it anew.",
    ),
    "too-many-attempts": _problem(
        429,
        "サインインの失敗が続いています",
        "Signing in has failed too often",
        "しばらく待ってから試してください。",
        "Wait for a while and try again.",
    ),
    "sign-in-failed": _problem(
        401,
        "サインインできませんでした",
        "Signing in did not work",
        "名前とパスワードを確かめてください。",
        "Check name and password.",
    ),
    "read-only": _problem(
        403,
        "このサーバーは閲覧専用です",
        "This server only reads",
        "変更を行うサーバーに送ってください。",
        "Send the change to the server where changes are made.",
    ),
    "no-ledger": _problem(
        503,
        "台帳がまだありません",
        "There is no ledger yet",
        "運用者が kizuna account add で最初のアカウントを作ります。",
        "The operator makes the first account with kizuna account add.",
    ),
    "unknown-proposal": _problem(
        404,
        "この番号の提案または公開はありません",
        "There is no such proposal or commit",
        "一覧から選んでください。",
        "Choose from the list.",
    ),
    "change-blocked": _problem(
        422,
        "誤りがあるため先へ進めません",
        "Errors stand in the way",
        "報告に挙げられた誤りを直してください。",
        "Correct the errors that the report names.",
    ),
    "reason-needed": _problem(
        422,
        "理由が必要です",
        "A reason is needed",
        "警告を受け入れる理由を書いてください。",
        "State why the warnings are acceptable.",
    ),
    "change-conflict": _problem(
        409,
        "ほかの公開と食い違います",
        "It does not fit what was published meanwhile",
        "提案のページで、食い違いを一つずつ選んでください。",
        "Settle each difference on the proposal's page.",
    ),
    "proposal-changed": _problem(
        409,
        "提案がその間に変わりました",
        "The proposal has changed meanwhile",
        "提案を開き直してください。",
        "Open the proposal again.",
    ),
    "precondition-failed": _problem(
        412,
        "読んだときの状態ではなくなっています",
        "It is not as you have read it any more",
        "読み直して、新しい ETag で送ってください。",
        "Read it again and send the change with the new ETag.",
    ),
    "too-many-writes": _problem(
        429,
        "変更が続きすぎています",
        "Too many changes in a short time",
        "Retry-After の秒数だけ待つか、一つの更新にまとめてください。",
        "Wait for the seconds in Retry-After, or send them as one update.",
    ),
    "too-many-jobs": _problem(
        429,
        "待っている作業が多すぎます",
        "Too many jobs are waiting",
        "一つ終わるのを待つか、中止してください。",
        "Wait for one to end, or cancel one.",
    ),
    "unknown-job": _problem(
        404,
        "この番号の作業はありません",
        "There is no such job",
        "更新の机の一覧から選んでください。",
        "Choose from the list on the desk.",
    ),
    "nothing-changes": _problem(422, "何も変わりません", "Nothing changes", *_CORRECT),
    "bad-patch": _problem(422, "変更として使えません", "This cannot be a change", *_CORRECT),
    "bad-table": _problem(422, "表を取り込めません", "The table cannot be imported", *_CORRECT),
    "bad-form": _problem(422, "入力に合わない値があります", "A value does not fit its field", *_CORRECT),
    "upload-too-heavy": _problem(
        422,
        "一度に処理できる量を超えています",
        "It is more than can be worked on at once",
        "ファイルを分けて送るか、「大きなファイル」の作業として送ってください。",
        "Send it in parts, or as a job for large files.",
    ),
    "remote-context": _problem(
        422,
        "外部の文脈は取得しません",
        "Contexts are not fetched",
        "@context を文書の中に書いてください。",
        "Write @context into the document.",
    ),
}
PROBLEMS.update(DESK_PROBLEMS)

_SAME = {
    "bad-document",
    "document-type",
    "update-failed",
    "query-syntax",
    "remote-context",
    "nothing-changes",
}


def from_change(error: ChangeError) -> ProblemError:
    """The problem of a change that cannot go on."""
    code = error.code if error.code in DESK_PROBLEMS else "bad-patch"
    return ProblemError(code, say(error.ja, error.en))


def too_heavy(error: EngineError) -> ProblemError:
    """The problem of a file or a change that a sandbox could not bear: too long, too large, or too deep."""
    if isinstance(error, QueryTimeoutError):
        words = say("時間の上限に達したため、打ち切りました。", "It took longer than it may and was ended.")
    elif isinstance(error, QueryMemoryError):
        words = say(
            "メモリーの上限に達したため、打ち切りました。",
            "It needed more memory than it may use and was ended.",
        )
    else:
        words = say(
            "読み取る処理が異常終了しました。入れ子が深すぎないか確かめてください。",
            "What read it broke down: it may be nested too deeply.",
        )
    return ProblemError("upload-too-heavy", words + say("何も変わっていません。", " Nothing has changed."))


def from_code(code: str, ja: str, en: str, line: int | None = None) -> ProblemError:
    """The problem of a document, table, form or patch, by its own code."""
    place = "" if line is None else say(f"{line}行目: ", f"Line {line}: ")
    if code in _SAME:
        shown = code
    elif code.startswith("patch-"):
        shown = "bad-patch"
    else:
        shown = "bad-form" if code == "bad-field" else "bad-table"
    return ProblemError(shown, place + say(ja, en))
