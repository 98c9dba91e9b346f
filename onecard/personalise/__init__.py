"""Data files of holders for personalisation: reading them, and judging every field by the specification's rules."""
