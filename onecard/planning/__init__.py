"""Before a run: declarations, key sources, the plan."""
