"""Flask application: one blueprint a room, templates, translations; no logic of its own."""
