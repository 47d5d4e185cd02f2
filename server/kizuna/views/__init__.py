"""Views as pure functions of (revision, as-of date, scenario): derivation, closure, explanation."""
