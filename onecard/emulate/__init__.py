"""Long-running references: what ``onecard emulate`` starts."""
