"""Decisions of the kinds of terminals that read the one-card for one use, which real ones get wrong."""

from collections.abc import Sequence

from onecard.spec.card_transport import BalanceQuery


class ScopeBehaviour:
    """What a kind of terminal enters and reads."""

    def kind_slots(self, right: tuple[str, ...]) -> tuple[str, ...]:
        """The interfaces on which the card is searched."""
        return right

    def environments_before(self, environment: str) -> Sequence[str]:
        """Environments that are selected before the one of the use."""
        return ()

    def directory(self, slot: str, right: str | None) -> str | None:
        """The environment that leads to the application over an interface; None for none."""
        return right

    def selects_directly(self) -> bool:
        """Whether the bank application is selected by its name alone, without the directory."""
        return False

    def goes_on_without_application(self) -> bool:
        """Whether a card that lacks the application is read all the same."""
        return False

    def files_of_use(self, environment: str, right: tuple[str, ...]) -> tuple[str, ...]:
        """The files that are read."""
        return right

    def sent_before(self, environment: str) -> Sequence[bytes]:
        """Further commands to the card before it is read."""
        return ()


class ProofBehaviour:
    """What must be proved."""

    def proves_card(self, right: bool) -> bool:
        """Whether the card has to prove itself by the PSAM."""
        return right

    def asks_for_sam(self) -> bool:
        """Whether a kind that needs no PSAM refuses to work without it."""
        return False

    def within_dates(self, today: str, start: str, end: str) -> bool:
        """Whether the transport application is in use today; all CCYYMMDD."""
        return start <= today <= end


class ShownBehaviour:
    """The result."""

    def balance_query(self, known: Sequence[BalanceQuery], right: BalanceQuery) -> BalanceQuery:
        """Which GET BALANCE is sent."""
        return right

    def balance_of_refusal(self, sw: int) -> int | None:
        """The balance where the card refused it by ``sw``; None fails."""
        return None

    def shown(self, shows: str, right: str) -> str:
        """The text of a field of the result, by what it shows."""
        return right


class KindBehaviour(ScopeBehaviour, ProofBehaviour, ShownBehaviour):
    """All decisions of the kinds, right."""
