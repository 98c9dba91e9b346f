"""The card's purses: commands, states and computations of the medical insurance account (2011 draft, parts 5 and 7)."""
