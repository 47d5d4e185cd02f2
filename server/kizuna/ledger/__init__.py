"""Durable record of commits, proposals, accounts and the audit trail (SQLite)."""
