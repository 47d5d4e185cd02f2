"""Accounts, sessions and API tokens. Secrets are never kept, only their hashes. Reads and writes the ledger's file.

Passwords: argon2id (RFC 9106) with the library's recommended cost. Sessions and tokens are 256 random bits, so a plain
SHA-256 of them is enough to look them up by.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import sqlite3
import time
from datetime import UTC, datetime
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from kizuna.ledger.audit import Audit
from kizuna.ledger.database import Database, LedgerError
from kizuna.ledger.records import SCOPES, Account, MissingError, Role, Scope, Token

LEAST_PASSWORD: Final = 12
SESSION_SECONDS: Final = 12 * 3600.0
ATTEMPTS: Final = 5
ATTEMPTS_SECONDS: Final = 300.0
_NAME: Final = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?\Z")
_TOKEN_PREFIX: Final = "kzn_"  # noqa: S105 (lets scanners of leaked secrets know one when they see it)


class AccountError(LedgerError):
    """An account cannot be made or changed as asked. `code` is stable."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class TooManyAttemptsError(LedgerError):
    """Signing in has failed too often; `retry_after` is in seconds."""

    def __init__(self, retry_after: float) -> None:
        super().__init__(f"Too many failed attempts; try again in {retry_after:.0f} seconds.")
        self.retry_after = retry_after


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Accounts:
    """The accounts of one ledger.

    Args:
        database: the file.
        audit: where to note what happens.
        hasher: makes and checks password hashes.
    """

    def __init__(self, database: Database, audit: Audit, hasher: PasswordHasher | None = None) -> None:
        self._database = database
        self._audit = audit
        self._hasher = hasher or PasswordHasher()
        self._nobody: str | None = None

    # Accounts.

    def add(
        self,
        name: str,
        role: Role,
        *,
        display: str = "",
        password: str | None = None,
        issuer: str | None = None,
        subject: str | None = None,
        by: str = "",
    ) -> Account:
        """Make an account. Without a password (or provider) nobody can sign in to it.

        Raises:
            AccountError: `bad-name`, `weak-password` or `name-taken`.
        """
        if not _NAME.match(name):
            raise AccountError("bad-name", f"'{name}' cannot be a name: use a-z, 0-9, '.', '_' and '-'.")
        hashed = None if password is None else self._hash_password(name, password)
        with self._database.writing() as connection:
            try:
                connection.execute(
                    "INSERT INTO accounts (name, display, role, password, issuer, subject, created)"
                    " VALUES (?, ?, ?, ?, ?, ?, ?)",
                    (name, display or name, role, hashed, issuer, subject, _now()),
                )
            except sqlite3.IntegrityError as error:
                raise AccountError("name-taken", f"There is an account '{name}' already.") from error
            self._audit.note(by or name, "account-added", f"account/{name}", role)
        return self.get(name)

    def get(self, name: str) -> Account:
        """One account.

        Raises:
            LookupError: there is none of that name.
        """
        row = self._database.row("SELECT * FROM accounts WHERE name = ?", (name,))
        if row is None:
            raise MissingError(f"There is no account '{name}'.", f"アカウント「{name}」はありません。")
        return _account(row)

    def list(self) -> tuple[Account, ...]:
        """All accounts by name."""
        return tuple(_account(row) for row in self._database.rows("SELECT * FROM accounts ORDER BY name"))

    def of_subject(self, issuer: str, subject: str) -> Account | None:
        """The account that a provider's subject belongs to."""
        row = self._database.row("SELECT * FROM accounts WHERE issuer = ? AND subject = ?", (issuer, subject))
        return _account(row) if row else None

    def set_role(self, name: str, role: Role, by: str) -> None:
        """Change a role."""
        with self._database.writing() as connection:
            self.get(name)
            connection.execute("UPDATE accounts SET role = ? WHERE name = ?", (role, name))
            self._audit.note(by, "role", f"account/{name}", role)

    def set_active(self, name: str, active: bool, by: str) -> None:
        """Open or close an account; closing ends its sessions and tokens."""
        with self._database.writing() as connection:
            self.get(name)
            connection.execute("UPDATE accounts SET active = ? WHERE name = ?", (int(active), name))
            if not active:
                self._end(connection, name)
            self._audit.note(by, "opened" if active else "closed", f"account/{name}")

    def set_password(self, name: str, password: str, by: str) -> None:
        """Give a new password; it ends all sessions.

        Raises:
            AccountError: `weak-password`.
        """
        hashed = self._hash_password(name, password)
        with self._database.writing() as connection:
            self.get(name)
            connection.execute("UPDATE accounts SET password = ? WHERE name = ?", (hashed, name))
            connection.execute("DELETE FROM sessions WHERE account = ?", (name,))
            self._audit.note(by, "password", f"account/{name}")

    def _hash_password(self, name: str, password: str) -> str:
        if len(password) < LEAST_PASSWORD or password.casefold() == name.casefold():
            raise AccountError("weak-password", f"A password has at least {LEAST_PASSWORD} characters.")
        return self._hasher.hash(password)

    @staticmethod
    def _end(connection: sqlite3.Connection, name: str) -> None:
        connection.execute("DELETE FROM sessions WHERE account = ?", (name,))
        connection.execute("UPDATE tokens SET revoked = 1 WHERE account = ?", (name,))

    # Signing in.

    def check(self, name: str, password: str, place: str) -> Account | None:
        """The account, if name and password are right. Takes as long whether or not the name exists.

        Args:
            name: as typed.
            password: as typed.
            place: where the attempt comes from (an address); failures are counted by name and by place.

        Raises:
            TooManyAttemptsError: too many failures lately; the password was not looked at.
        """
        keys = (f"name:{name}", f"place:{place}")
        self._throttle(keys)
        row = self._database.row("SELECT * FROM accounts WHERE name = ?", (name,))
        stored = row["password"] if row is not None and row["active"] else None
        if self._verify(stored, password) and row is not None:
            with self._database.writing() as connection:
                connection.execute("DELETE FROM attempts WHERE key = ?", keys[:1])
                if self._hasher.check_needs_rehash(row["password"]):
                    connection.execute(
                        "UPDATE accounts SET password = ? WHERE name = ?", (self._hasher.hash(password), name)
                    )
                self._audit.note(name, "signed-in", f"account/{name}", place)
            return _account(row)
        now = time.time()
        with self._database.writing() as connection:
            connection.executemany("INSERT INTO attempts VALUES (?, ?)", [(key, now) for key in keys])
            connection.execute("DELETE FROM attempts WHERE time < ?", (now - ATTEMPTS_SECONDS,))
            self._audit.note("", "sign-in-failed", f"account/{name[:64]}", place)
        return None

    def _verify(self, stored: str | None, password: str) -> bool:
        if stored is None:
            if self._nobody is None:
                self._nobody = self._hasher.hash(secrets.token_hex(16))
            stored, real = self._nobody, False
        else:
            real = True
        try:
            return self._hasher.verify(stored, password) and real
        except (VerificationError, InvalidHashError):
            return False

    def _throttle(self, keys: tuple[str, str]) -> None:
        now = time.time()
        for key, allowed in zip(keys, (ATTEMPTS, ATTEMPTS * 4), strict=True):
            rows = self._database.rows(
                "SELECT time FROM attempts WHERE key = ? AND time > ? ORDER BY time DESC LIMIT ?",
                (key, now - ATTEMPTS_SECONDS, allowed),
            )
            if len(rows) >= allowed:
                raise TooManyAttemptsError(max(1.0, rows[-1]["time"] + ATTEMPTS_SECONDS - now))

    def key(self, name: str) -> str:
        """A secret of this ledger, made when it is first asked for: what signs short-lived cookies."""
        with self._database.writing() as connection:
            connection.execute("INSERT OR IGNORE INTO keys VALUES (?, ?)", (name, secrets.token_hex(32)))
        row = self._database.row("SELECT secret FROM keys WHERE name = ?", (name,))
        return str(row["secret"]) if row else ""

    # Sessions.

    def open_session(self, name: str, seconds: float = SESSION_SECONDS) -> str:
        """Begin a session; returns its secret, which only the browser keeps."""
        secret = secrets.token_urlsafe(32)
        now = time.time()
        with self._database.writing() as connection:
            connection.execute("DELETE FROM sessions WHERE expires < ?", (now,))
            connection.execute(
                "INSERT INTO sessions VALUES (?, ?, ?, ?)", (_hash(secret), name, now, now + seconds)
            )
        return secret

    def of_session(self, secret: str) -> Account | None:
        """Whose session it is, if it lasts and the account is open."""
        row = self._database.row(
            "SELECT a.* FROM sessions s JOIN accounts a ON a.name = s.account"
            " WHERE s.hash = ? AND s.expires > ? AND a.active = 1",
            (_hash(secret), time.time()),
        )
        return _account(row) if row else None

    def close_session(self, secret: str) -> None:
        """End a session."""
        with self._database.writing() as connection:
            connection.execute("DELETE FROM sessions WHERE hash = ?", (_hash(secret),))

    # Tokens.

    def add_token(self, name: str, label: str, scope: Scope, days: float) -> tuple[Token, str]:
        """Make an API token; the secret is shown once and never again.

        Raises:
            AccountError: `bad-token` (no such scope, or not between a moment and two years).
        """
        if scope not in SCOPES or not 0 < days <= 731:
            raise AccountError("bad-token", "A token has a scope, and ends within two years.")
        secret = _TOKEN_PREFIX + secrets.token_urlsafe(32)
        with self._database.writing() as connection:
            cursor = connection.execute(
                "INSERT INTO tokens (hash, account, label, scope, created, expires) VALUES (?, ?, ?, ?, ?, ?)",
                (_hash(secret), name, label, scope, _now(), time.time() + days * 86_400),
            )
            self._audit.note(name, "token-added", f"token/{cursor.lastrowid}", scope)
            row = connection.execute("SELECT * FROM tokens WHERE id = ?", (cursor.lastrowid,)).fetchone()
        return _token(row), secret

    def of_token(self, secret: str) -> tuple[Account, Token] | None:
        """Whose token it is, if it is valid and the account is open."""
        row = self._database.row(
            "SELECT * FROM tokens WHERE hash = ? AND revoked = 0 AND expires > ?",
            (_hash(secret), time.time()),
        )
        if row is None:
            return None
        account = self.get(row["account"])
        return (account, _token(row)) if account.active else None

    def tokens(self, name: str) -> tuple[Token, ...]:
        """The tokens of an account."""
        rows = self._database.rows("SELECT * FROM tokens WHERE account = ? ORDER BY id", (name,))
        return tuple(_token(row) for row in rows)

    def revoke_token(self, number: int, by: str) -> None:
        """End a token."""
        with self._database.writing() as connection:
            connection.execute("UPDATE tokens SET revoked = 1 WHERE id = ?", (number,))
            self._audit.note(by, "token-revoked", f"token/{number}")


def _account(row: sqlite3.Row) -> Account:
    return Account(
        row["name"], row["display"], row["role"], bool(row["active"]), row["issuer"], row["subject"]
    )


def _token(row: sqlite3.Row) -> Token:
    return Token(
        row["id"],
        row["account"],
        row["label"],
        row["scope"],
        row["created"],
        row["expires"],
        bool(row["revoked"]),
    )
