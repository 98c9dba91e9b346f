"""Target strings ``NAME:REST`` to adapters, which plug in by entry point (group ``onecard.targets``)."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields, replace
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from math import isfinite
from typing import Any, cast

from onecard.errors import UserError
from onecard.targets.base import Instrument, Target, TargetOptions

GROUP = "onecard.targets"
TargetFactory = Callable[[str, TargetOptions], Target]
INSTRUMENTS = "onecard.instruments"


def installed_adapters() -> tuple[EntryPoint, ...]:
    """Every adapter that this installation knows."""
    return _installed(GROUP)


@cache
def _installed(group: str) -> tuple[EntryPoint, ...]:
    # An installation does not change while we run; reading it costs more than a case.
    return tuple(entry_points(group=group))


def open_target(
    spec: str,
    *,
    timeout: float = 5.0,
    context: Mapping[str, object] | None = None,
    adapters: Iterable[EntryPoint] | None = None,
) -> Target:
    """The adapter for ``spec`` (``NAME:REST``), not yet connected.

    ``timeout``: longest wait for one answer, in seconds. ``context``: the other fields of TargetOptions. Raises
    UserError for a wrong string, an unknown name or an adapter that does not load; ValueError for a wrong ``context``
    (a mistake of the caller, not of the user).
    """
    name, separator, rest = spec.partition(":")
    factory = _load(spec, name if separator else "", tuple(adapters) if adapters is not None else installed_adapters())
    if not isfinite(timeout) or timeout <= 0:
        raise UserError(
            zh=f"超时必须大于 0 秒（给出 {timeout}）", en=f"the timeout must be above 0 seconds (given: {timeout})"
        )
    return factory(rest, _options(timeout, context or {}))


def _load(spec: str, name: str, adapters: tuple[EntryPoint, ...]) -> TargetFactory:
    # The same adapter may be seen twice (a checkout beside its installation); two different ones are a hazard.
    values = {adapter.value for adapter in adapters if adapter.name == name}
    if not values:
        known = ", ".join(f"{known}:" for known in sorted({adapter.name for adapter in adapters})) or "-"
        raise UserError(
            zh=f"目标 {spec!r} 无法识别：应为 名称:参数，已知名称：{known}（没有列出时请重新安装本软件）",
            en=f"target {spec!r} is not known: write NAME:REST with one of {known} (none listed: reinstall)",
        )
    if len(values) > 1:
        raise UserError(
            zh=f"目标名称 {name}: 有多个不同的适配器（{', '.join(sorted(values))}）：请卸载多余的软件包",
            en=f"target name {name}: has several different adapters ({', '.join(sorted(values))}): keep only one",
        )
    adapter = next(adapter for adapter in adapters if adapter.name == name)
    try:
        factory: TargetFactory = adapter.load()
    except (ImportError, AttributeError) as error:
        raise UserError(
            zh=f"目标适配器 {name}:（{adapter.value}）加载失败：{error}",
            en=f"target adapter {name}: ({adapter.value}) does not load: {error}",
        ) from error
    return factory


def open_instrument(kind: str, parameters: Mapping[str, Any]) -> Instrument | None:
    """What the tester puts before devices of a kind, None where that kind needs nothing."""
    found = [entry for entry in _installed(INSTRUMENTS) if entry.name == kind]
    if not found:
        return None
    made: Instrument = found[0].load()(parameters)
    return made


_TEXTS = frozenset(("kind", "profile", "seed"))


def _options(timeout: float, context: Mapping[str, object]) -> TargetOptions:
    unknown = set(context) - {field.name for field in fields(TargetOptions)} | set(context) & {"timeout"}
    if unknown:
        raise ValueError(f"unknown context for a target: {', '.join(sorted(unknown))}")
    for key in _TEXTS.intersection(context):
        value = context[key]
        if value is not None and not isinstance(value, str):
            raise ValueError(f"{key} of a target must be a string, not {type(value).__name__}")
    return replace(TargetOptions(timeout=timeout), **cast(dict[str, Any], context))
