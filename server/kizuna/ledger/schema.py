"""The ledger's tables, as numbered migrations. Text only; no I/O.

A migration is never changed once it has been released: a new one is added at the end.
"""

from __future__ import annotations

from typing import Final

_FIRST: Final = """
CREATE TABLE snapshots (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('origin', 'files')),
    revision INTEGER NOT NULL CHECK (revision >= 0),
    content BLOB NOT NULL,
    digest TEXT NOT NULL,
    time TEXT NOT NULL
) STRICT;
CREATE TABLE accounts (
    name TEXT PRIMARY KEY,
    display TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('reader', 'analyst', 'steward', 'publisher', 'admin')),
    password TEXT,
    issuer TEXT,
    subject TEXT,
    active INTEGER NOT NULL DEFAULT 1 CHECK (active IN (0, 1)),
    created TEXT NOT NULL,
    UNIQUE (issuer, subject)
) STRICT;
CREATE TABLE proposals (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    title TEXT NOT NULL,
    author TEXT NOT NULL REFERENCES accounts (name),
    state TEXT NOT NULL CHECK (state IN ('draft', 'open', 'published', 'rejected', 'withdrawn')),
    way TEXT NOT NULL,
    base INTEGER NOT NULL CHECK (base >= 0),
    patch TEXT NOT NULL,
    version INTEGER NOT NULL DEFAULT 1,
    reason TEXT NOT NULL DEFAULT '',
    report TEXT NOT NULL DEFAULT '',
    created TEXT NOT NULL,
    changed TEXT NOT NULL
) STRICT;
CREATE INDEX proposals_by_state ON proposals (state, changed);
CREATE TABLE commits (
    revision INTEGER PRIMARY KEY CHECK (revision > 0),
    parent INTEGER REFERENCES commits (revision),
    patch TEXT NOT NULL,
    author TEXT NOT NULL REFERENCES accounts (name),
    time TEXT NOT NULL,
    message TEXT NOT NULL,
    reason TEXT NOT NULL,
    report TEXT NOT NULL,
    proposal INTEGER UNIQUE REFERENCES proposals (id),
    digest TEXT NOT NULL
) STRICT;
CREATE TABLE comments (
    id INTEGER PRIMARY KEY,
    proposal INTEGER NOT NULL REFERENCES proposals (id),
    author TEXT NOT NULL REFERENCES accounts (name),
    time TEXT NOT NULL,
    text TEXT NOT NULL
) STRICT;
CREATE INDEX comments_by_proposal ON comments (proposal);
CREATE TABLE reviews (
    id INTEGER PRIMARY KEY,
    proposal INTEGER NOT NULL REFERENCES proposals (id),
    version INTEGER NOT NULL,
    author TEXT NOT NULL REFERENCES accounts (name),
    time TEXT NOT NULL,
    verdict TEXT NOT NULL CHECK (verdict IN ('approve', 'change')),
    text TEXT NOT NULL
) STRICT;
CREATE INDEX reviews_by_proposal ON reviews (proposal);
CREATE TABLE sessions (
    hash TEXT PRIMARY KEY,
    account TEXT NOT NULL REFERENCES accounts (name),
    created REAL NOT NULL,
    expires REAL NOT NULL
) STRICT;
CREATE TABLE tokens (
    id INTEGER PRIMARY KEY,
    hash TEXT NOT NULL UNIQUE,
    account TEXT NOT NULL REFERENCES accounts (name),
    label TEXT NOT NULL,
    scope TEXT NOT NULL CHECK (scope IN ('read', 'propose', 'publish')),
    created TEXT NOT NULL,
    expires REAL NOT NULL,
    revoked INTEGER NOT NULL DEFAULT 0 CHECK (revoked IN (0, 1))
) STRICT;
CREATE TABLE attempts (key TEXT NOT NULL, time REAL NOT NULL) STRICT;
CREATE INDEX attempts_by_key ON attempts (key, time);
CREATE TABLE audit (
    id INTEGER PRIMARY KEY,
    time TEXT NOT NULL,
    account TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    detail TEXT NOT NULL
) STRICT;
CREATE TABLE mentions (
    revision INTEGER NOT NULL REFERENCES commits (revision),
    thing TEXT NOT NULL,
    PRIMARY KEY (thing, revision)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER commits_stay BEFORE UPDATE ON commits BEGIN SELECT RAISE(ABORT, 'commits are never changed'); END;
CREATE TRIGGER commits_remain BEFORE DELETE ON commits BEGIN SELECT RAISE(ABORT, 'commits are never removed'); END;
CREATE TRIGGER audit_stays BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit trail is never changed'); END;
CREATE TRIGGER audit_remains BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit trail is never shortened'); END;
"""

_SECOND: Final = """
CREATE TABLE keys (name TEXT PRIMARY KEY, secret TEXT NOT NULL) STRICT;
"""

_THIRD: Final = """
CREATE TABLE jobs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL CHECK (kind IN ('import', 'validation')),
    title TEXT NOT NULL,
    author TEXT NOT NULL REFERENCES accounts (name),
    state TEXT NOT NULL CHECK (state IN ('waiting', 'running', 'done', 'failed', 'cancelled', 'interrupted')),
    stage TEXT NOT NULL DEFAULT '',
    done INTEGER NOT NULL DEFAULT 0,
    total INTEGER NOT NULL DEFAULT 0,
    owner TEXT NOT NULL,
    asked INTEGER NOT NULL DEFAULT 0 CHECK (asked IN (0, 1)),
    proposal INTEGER REFERENCES proposals (id),
    message TEXT NOT NULL DEFAULT '',
    result TEXT NOT NULL DEFAULT '',
    created TEXT NOT NULL,
    changed TEXT NOT NULL
) STRICT;
"""

MIGRATIONS: Final[tuple[str, ...]] = (_FIRST, _SECOND, _THIRD)
"""Scripts in order; `PRAGMA user_version` is the number of those that have run."""
