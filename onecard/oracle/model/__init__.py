"""A small model of the card that predicts the answers to generated command sequences."""

from onecard.oracle.model.card import CardModel
from onecard.oracle.model.expectation import Alternative, Prediction
from onecard.oracle.model.rules import View
from onecard.oracle.model.sequences import Draw, Step, sequence

__all__ = ["Alternative", "CardModel", "Draw", "Prediction", "Step", "View", "sequence"]
