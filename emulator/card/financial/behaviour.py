"""Decisions of the bank application that real cards get wrong."""


class FinancialBehaviour:
    """GET PROCESSING OPTIONS."""

    def accepts_options(self, data: bytes, right: bool) -> bool:
        """Whether the data of GPO are one template of the length that the PDOL asks for."""
        return right

    def interchange_profile(self, right: bytes) -> bytes:
        """The AIP."""
        return right

    def file_locator(self, right: bytes) -> bytes:
        """The AFL."""
        return right
