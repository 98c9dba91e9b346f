"""Decisions of the card that real implementations get wrong, by topic; CardBehaviour holds them together."""
