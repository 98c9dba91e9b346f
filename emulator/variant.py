"""An altered reference of any kind but the card: what a mutant or a conforming variant changes in the right one."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass

from onecard.spec.interface import InterfaceSpec


@dataclass(frozen=True, slots=True)
class Variant:
    """Any of: other behaviour (an object of the kind's behaviour class), and other data that drive the reference.

    ``declared``: the data by which its surroundings (cards issued, say) are made, where they are not the profile's own.
    ``random``: source of its random values, n -> n bytes.
    """

    behaviour: object | None = None
    spec: InterfaceSpec | None = None
    declared: InterfaceSpec | None = None
    random: Callable[[int], bytes] = secrets.token_bytes
