"""What the ledger holds, as frozen data. No I/O."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Role = Literal["reader", "analyst", "steward", "publisher", "admin"]
ROLES: Final[tuple[Role, ...]] = ("reader", "analyst", "steward", "publisher", "admin")
"""From the least to the most; each may do what those before it may."""

ProposalState = Literal["draft", "open", "published", "rejected", "withdrawn"]
Verdict = Literal["approve", "change"]
Scope = Literal["read", "propose", "publish"]
SCOPES: Final[tuple[Scope, ...]] = ("read", "propose", "publish")


class TwoLanguageError(Exception):
    """What the ledger reports in words.

    Args:
        en: what is the matter, in English; also the error's text.
        ja: the same in Japanese.
    """

    def __init__(self, en: str, ja: str) -> None:
        super().__init__(en, ja)
        self.en = en
        self.ja = ja

    def __str__(self) -> str:
        return self.en


class MissingError(TwoLanguageError, LookupError):
    """The ledger holds nothing of that name or number."""


@dataclass(frozen=True, slots=True)
class Commit:
    """One published change.

    Args:
        revision: its number; the revision of the record after it.
        parent: the commit before it; None for the first.
        patch: RDF Patch text, canonical.
        author: who published it (account name).
        time: when, ISO 8601 in UTC.
        message: what it does, in the author's words.
        reason: why warnings were accepted; "" when there were none.
        report: the validation report, JSON.
        proposal: the proposal it came from, if any.
        digest: SHA-256 over the parent's digest and all of the above: a chain that shows any later tampering.
        writer: who wrote the proposal it came from (account name); "" when it came from none.
    """

    revision: int
    parent: int | None
    patch: str
    author: str
    time: str
    message: str
    reason: str
    report: str
    proposal: int | None
    digest: str
    writer: str = ""

    @property
    def said_by(self) -> str:
        """Who says what it adds: the writer of its proposal; without one, who published it."""
        return self.writer or self.author

    def byline(self, language: str) -> str:
        """Who wrote it and who published it, in a language (ja or en)."""
        if not self.writer:
            return f"公開: {self.author}" if language == "ja" else f"published by {self.author}"
        if self.writer == self.author:
            return (
                f"執筆・公開: {self.author}"
                if language == "ja"
                else f"written and published by {self.author}"
            )
        if language == "ja":
            return f"執筆: {self.writer}、公開: {self.author}"
        return f"written by {self.writer}, published by {self.author}"


@dataclass(frozen=True, slots=True)
class Proposal:
    """A change that somebody proposes.

    Args:
        id: its number.
        title: what it does.
        author: account name.
        state: draft (only its author works on it), open (for review), published, rejected, withdrawn.
        way: how it came in (document, table, update, graph-store, form, command, revert, sync).
        base: the revision it was made on.
        patch: RDF Patch text, canonical.
        version: counts changes to the patch; a review is of one version.
        reason: why warnings are acceptable.
        report: the gate's newest report, JSON; "" before the first check.
        created: ISO 8601.
        changed: ISO 8601.
    """

    id: int
    title: str
    author: str
    state: ProposalState
    way: str
    base: int
    patch: str
    version: int
    reason: str
    report: str
    created: str
    changed: str

    @property
    def scenario(self) -> str:
        """The name under which a view can be asked for as if this were published."""
        return f"proposal-{self.id}.{self.version}"


@dataclass(frozen=True, slots=True)
class Comment:
    """Something said about a proposal."""

    id: int
    proposal: int
    author: str
    time: str
    text: str


@dataclass(frozen=True, slots=True)
class Review:
    """A judgement on one version of a proposal."""

    id: int
    proposal: int
    version: int
    author: str
    time: str
    verdict: Verdict
    text: str


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who can sign in. `issuer` is set when an OpenID provider vouches for them."""

    name: str
    display: str
    role: Role
    active: bool
    issuer: str | None = None
    subject: str | None = None


@dataclass(frozen=True, slots=True)
class Token:
    """An API token; the secret itself is not kept."""

    id: int
    account: str
    label: str
    scope: Scope
    created: str
    expires: float
    revoked: bool


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """Something that happened: who did what to what."""

    id: int
    time: str
    account: str
    action: str
    subject: str
    detail: str
