"""Patches, imports, proposals, consequences, review, publishing."""
