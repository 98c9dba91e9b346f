"""At which level a target holds each key: what its declaration and data say, in steps above the card."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from onecard.spec.card import CardSpec
from onecard.spec.hsm import hsm_spec
from onecard.spec.interface import InterfaceSpec
from onecard.spec.load import TargetSpec
from onecard.spec.psam import PsamSpec, psam_spec


def _of_psam(target: InterfaceSpec) -> Mapping[str, int]:
    spec = psam_spec(target)
    purchase = spec.purchase.key
    return {
        **dict.fromkeys(spec.loading.own, 0),
        **{key.key: spec.usage.levels(key.usage) for key in spec.keys.values()},
        **({} if purchase is None else {purchase.key: purchase.levels}),
        **transport_levels(spec),
    }


def transport_levels(spec: PsamSpec) -> Mapping[str, int]:
    """Levels below each root of a PSAM's transport application; empty without one."""
    data = spec.transport
    mac, purchase = (None, None) if data is None else (data.mac_key, data.purchase_key)
    return {
        **({} if mac is None else {mac.key: spec.usage.levels(mac.usage)}),
        **({} if purchase is None else {purchase.key: purchase.levels}),
    }


def _of_hsm(target: InterfaceSpec) -> Mapping[str, int]:
    return {key.key: key.levels for key in hsm_spec(target).keys.values()}


_VIEWS: Mapping[str, Callable[[InterfaceSpec], Mapping[str, int]]] = MappingProxyType(
    {"psam": _of_psam, "hsm": _of_hsm}
)


def levels_in(target: TargetSpec) -> Mapping[str, int]:
    """Levels of diversification below each root by the name of the key; empty for kinds that say nothing of levels."""
    if isinstance(target, CardSpec):
        return {name: key.levels for name, key in target.keys.items()}
    view = _VIEWS.get(target.kind)
    return {} if view is None else view(target)
