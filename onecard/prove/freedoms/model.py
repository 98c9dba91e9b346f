"""What a freedom is: the same for all kinds of target."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from emulator.card.body import Body
from emulator.card.image import CardImage
from onecard.planning.declaration import Ixit
from onecard.spec.card import CardSpec
from onecard.spec.expr import Value
from onecard.spec.load import Spec, TargetSpec
from onecard.spec.text import Text

Declares = Callable[[Spec, TargetSpec, Ixit], Ixit]


def as_it_is(_spec: Spec, _data: TargetSpec, ixit: Ixit) -> Ixit:
    """The reference's own IXIT."""
    return ixit


def without_control(_spec: Spec, _data: TargetSpec, ixit: Ixit) -> Ixit:
    """An IXIT of a service without a control interface for tests."""
    return replace(ixit, parameters={name: given for name, given in ixit.parameters.items() if name != "control"})


@dataclass(frozen=True)
class Freedom:
    """What the ICS declares otherwise than the profile, or a behaviour that no rule forbids. Every case must pass.

    ``declared``: items of the ICS; the reference follows them. ``behaviour``: class of the kind's behaviour.
    ``ixit``: what its maker writes otherwise into the IXIT, from the whole specification and the resolved data.
    ``holder``: which synthetic person holds the card; ``edit``: what its finished image holds otherwise. ``data``: what
    drives the card in place of the declared data, of which the suite knows nothing (local applications, say); ``body``:
    what a laboratory measures of it otherwise. ``in_field``: the card lies on a contactless reader, where the cases of
    these requirements (``*`` for any part) must pass. ``profiles``: where it is a freedom; empty means everywhere.
    """

    id: str
    freedom: Text
    declared: Mapping[str, Value] = field(default_factory=dict)
    behaviour: type[object] | None = None
    ixit: Declares = as_it_is
    holder: int = 0
    edit: Callable[[CardSpec, CardImage], None] | None = None
    data: Callable[[CardSpec], CardSpec] | None = None
    body: Callable[[CardSpec, Body], None] | None = None
    in_field: tuple[str, ...] = ()
    profiles: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        """The kind of target that takes it."""
        return self.id.partition("/")[0]
