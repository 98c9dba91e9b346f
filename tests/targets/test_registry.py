"""Target strings and the adapters that plug in by name."""

from importlib.metadata import EntryPoint

import pytest

from onecard.errors import UserError
from onecard.targets.pcsc import PcscTarget
from onecard.targets.registry import GROUP, open_target
from onecard.targets.tcp import TcpTarget

TCP = EntryPoint("tcp", "onecard.targets.tcp:open_target", GROUP)
PCSC = EntryPoint("pcsc", "onecard.targets.pcsc:open_target", GROUP)


def test_the_name_before_the_colon_chooses_the_adapter() -> None:
    tcp = open_target("tcp:[::1]:7816", adapters=[TCP, PCSC])
    pcsc = open_target("pcsc:Virtual PCD: slot", adapters=[TCP, PCSC])
    assert isinstance(tcp, TcpTarget)
    assert isinstance(pcsc, PcscTarget)
    assert (tcp.description, pcsc.description) == ("tcp:[::1]:7816", "pcsc:Virtual PCD: slot")


@pytest.mark.parametrize("spec", ["usb:1", "tcp", "", ":1", "TCP:host:1"])
def test_an_unknown_name_lists_the_known_ones(spec: str) -> None:
    with pytest.raises(UserError) as caught:
        open_target(spec, adapters=[TCP, PCSC])
    assert caught.value.exit_code == 2
    assert "pcsc:, tcp:" in caught.value.text.zh
    assert "pcsc:, tcp:" in caught.value.text.en


def test_no_adapter_at_all_is_told() -> None:
    with pytest.raises(UserError, match="reinstall"):
        open_target("tcp:h:1", adapters=[])


def test_the_same_adapter_seen_twice_is_one() -> None:
    assert isinstance(open_target("tcp:h:1", adapters=[TCP, TCP]), TcpTarget)


def test_two_adapters_of_one_name_are_refused() -> None:
    with pytest.raises(UserError, match="several different adapters"):
        open_target("tcp:h:1", adapters=[TCP, EntryPoint("tcp", "elsewhere.tcp:open_target", GROUP)])


@pytest.mark.parametrize("value", ["onecard.no_such_module:open_target", "onecard.targets.tcp:no_such_function"])
def test_an_adapter_that_does_not_load_is_told(value: str) -> None:
    with pytest.raises(UserError, match="does not load"):
        open_target("bad:1", adapters=[EntryPoint("bad", value, GROUP)])


@pytest.mark.parametrize("timeout", [0, -1, float("nan"), float("inf")])
def test_a_timeout_must_be_a_positive_time(timeout: float) -> None:
    with pytest.raises(UserError, match="timeout"):
        open_target("tcp:h:1", timeout=timeout, adapters=[TCP])


def test_a_wrong_context_is_the_callers_mistake() -> None:
    with pytest.raises(ValueError, match="colour"):
        open_target("tcp:h:1", context={"colour": "red"}, adapters=[TCP])
    with pytest.raises(ValueError, match="seed"):
        open_target("tcp:h:1", context={"seed": 1}, adapters=[TCP])


def test_context_reaches_the_adapter() -> None:
    variant = object()
    adapter = EntryPoint("keep", "tests.targets.keeping:open_target", GROUP)
    target = open_target(
        "keep:rest", timeout=1.5, context={"profile": "card-3.0", "seed": "s", "variant": variant}, adapters=[adapter]
    )
    options = vars(target)["options"]
    assert (options.timeout, options.profile, options.seed) == (1.5, "card-3.0", "s")
    assert options.variant is variant
