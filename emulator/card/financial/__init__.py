"""The bank application of the reference card: what lets a reader identify the card."""
