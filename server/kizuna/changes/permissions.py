"""Who may do what, and why not. Pure functions over plain data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from kizuna.changes.problems import ForbiddenError
from kizuna.ledger.records import ROLES, Account, Proposal, Role, Scope

Action = Literal[
    "read", "comment", "propose", "edit", "withdraw", "review", "publish", "reject", "administer"
]

LEAST: Final[dict[Action, Role]] = {
    "read": "reader",
    "comment": "analyst",
    "propose": "steward",
    "edit": "steward",
    "withdraw": "steward",
    "review": "steward",
    "publish": "publisher",
    "reject": "publisher",
    "administer": "admin",
}
SCOPE: Final[dict[Action, Scope]] = {
    "read": "read",
    "comment": "propose",
    "propose": "propose",
    "edit": "propose",
    "withdraw": "propose",
    "review": "publish",
    "publish": "publish",
    "reject": "publish",
    "administer": "publish",
}
_SCOPES: Final[tuple[Scope, ...]] = ("read", "propose", "publish")
ROLE_NAMES: Final[dict[Role, tuple[str, str]]] = {
    "reader": ("閲覧者", "reader"),
    "analyst": ("分析者", "analyst"),
    "steward": ("管理担当者", "steward"),
    "publisher": ("公開責任者", "publisher"),
    "admin": ("運用管理者", "administrator"),
}


@dataclass(frozen=True, slots=True)
class Decision:
    """May it be done; and if not, why, in both languages. `names_action`: the reason itself says what may not be done."""

    allowed: bool
    ja: str = ""
    en: str = ""
    names_action: bool = False

    def text(self, language: str) -> str:
        """Why not, in a language."""
        return self.ja if language == "ja" else self.en

    def require(self) -> None:
        """Go on only if it may be done.

        Raises:
            ForbiddenError: it may not.
        """
        if not self.allowed:
            raise ForbiddenError(self.ja, self.en)


YES: Final = Decision(True)


def decide(
    account: Account | None,
    action: Action,
    *,
    proposal: Proposal | None = None,
    approvers: frozenset[str] = frozenset(),
    objectors: frozenset[str] = frozenset(),
    second_person: bool = True,
    scope: Scope | None = None,
) -> Decision:
    """Decide one action of one person.

    Args:
        account: who; None when nobody is signed in.
        action: what.
        proposal: on what, if on a proposal.
        approvers: who approves of its present version.
        objectors: who asks for changes to it.
        second_person: whether somebody else than the author has to approve and publish.
        scope: of the token used, None for a session.
    """
    if account is None:
        return Decision(False, "サインインしてください。", "Sign in first.")
    if not account.active:
        return Decision(False, "このアカウントは閉じられています。", "This account is closed.")
    if scope is not None and _SCOPES.index(scope) < _SCOPES.index(SCOPE[action]):
        return Decision(
            False,
            f"このトークンの範囲は「{scope}」で、この操作には「{SCOPE[action]}」が要ります。",
            f"This token's scope is “{scope}”; this needs “{SCOPE[action]}”.",
        )
    if ROLES.index(account.role) < ROLES.index(LEAST[action]):
        have, need = ROLE_NAMES[account.role], ROLE_NAMES[LEAST[action]]
        return Decision(
            False,
            f"あなたの役割は「{have[0]}」です。この操作には「{need[0]}」以上の役割が要ります。",
            f"Your role is “{have[1]}”; this needs at least “{need[1]}”.",
        )
    if proposal is None:
        return YES
    return _on_proposal(account, action, proposal, approvers, objectors, second_person)


def _on_proposal(
    account: Account,
    action: Action,
    proposal: Proposal,
    approvers: frozenset[str],
    objectors: frozenset[str],
    second_person: bool,
) -> Decision:
    own = proposal.author == account.name
    if action in ("edit", "withdraw") and not own and account.role != "admin":
        return Decision(
            False,
            f"この提案を書いたのは {proposal.author} です。書いた本人だけが変更できます。",
            f"{proposal.author} wrote this proposal; only its author may change it.",
        )
    if action in ("edit", "withdraw", "comment") or (action == "read"):
        return YES
    if proposal.state != "open":
        return Decision(
            False,
            "審査に出されている提案だけが対象です。",
            "This is for proposals that are open for review.",
        )
    if action == "review" and own:
        return Decision(
            False,
            "自分の提案を自分で審査することはできません。",
            "You may not review: you wrote this proposal.",
            names_action=True,
        )
    if action == "publish" and second_person:
        if own:
            return Decision(
                False,
                "公開できません: この提案を書いたのはあなたです(二人目の確認が必要な設定です)。",
                "You may not publish: you wrote this proposal (a second person is required).",
                names_action=True,
            )
        if not approvers - {proposal.author, account.name} and account.name not in approvers:
            return Decision(
                False,
                "公開できません: この版をまだだれも承認していません。",
                "You may not publish: nobody has approved this version yet.",
                names_action=True,
            )
    if action == "publish" and objectors:
        names = ", ".join(sorted(objectors))
        return Decision(
            False,
            f"公開できません: {names} が修正を求めています。",
            f"You may not publish: {names} asks for changes.",
            names_action=True,
        )
    return YES
