"""From proposal to published, and tables to patches."""
