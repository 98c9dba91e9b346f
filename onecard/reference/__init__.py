"""The references behind targets and declarations; loaded by entry point only."""
