"""The transport application of the reference card: purse, transactions, maintenance by MAC."""
