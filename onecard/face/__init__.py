"""Drawing the faces of a card from the specification's data: for level-1 application, which a person reads (视读)."""
