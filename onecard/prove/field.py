"""A dual-interface card that lies on a contactless reader: every switching on takes it into the field."""

from onecard.prove.trial import Table
from onecard.targets.base import CardTarget, ContactlessTarget, Target


class _InTheField:
    """A CardTarget that is reached over its contactless face alone."""

    def __init__(self, inner: Target) -> None:
        assert isinstance(inner, CardTarget)
        assert isinstance(inner, ContactlessTarget)
        self._inner = inner
        self.description = inner.description
        self.connect, self.close, self.reader_name = inner.connect, inner.close, inner.reader_name
        self.transmit, self.power_on_contactless = inner.transmit, inner.power_on_contactless

    def power_on(self) -> bytes:
        return self._inner.power_on_contactless()

    def reset(self) -> bytes:
        return self._inner.power_on_contactless()


class FieldTable(Table):
    """Runs cases of a stage on cards that are reached over their contactless face alone."""

    def open(self) -> Target:
        """A fresh sample in the field, not yet connected."""
        return _InTheField(super().open())
