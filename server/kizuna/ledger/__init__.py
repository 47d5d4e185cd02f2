"""The ledger: commits, proposals, accounts and the audit trail, durably kept in one SQLite file."""
