"""What diplomats browse: profiles, pairs, matrix, timeline, map, graph, paths, search, briefing."""
