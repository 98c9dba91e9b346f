"""Terminals of the scenario layer: identity-card reader, transit gate, POS, phone with NFC."""

import re

from onecard.oracle.terminal import INTERNAL_KEY, READ_KEY, own_faults
from onecard.oracle.terminal_kinds import KindSeen, compare_kind, kind_seen, told_texts
from onecard.spec.interface import InterfaceSpec
from onecard.spec.terminal import terminal_spec
from onecard.spec.terminal_kinds import TerminalKind
from onecard.testing import CallResult, Inconclusive, TerminalUnderTest, check, expect, for_each, verifies, verifies_by

ORDER = 350
WIDEST = "card-3.0-anhui"
"""The card on which every application lies that a terminal might read without need."""
IDENTITY, GATE, POS, PHONE = "ADAPT-IDENTITY", "ADAPT-GATE", "ADAPT-POS", "ADAPT-PHONE"
GENERATIONS = ("card-1.0", "card-2.0", "card-3.0")
LONG_NAME = 3
PULLED_AFTER = (1, 3)
CONTACT, FIELD = "card", "contactless"
# A card that lacks what the kind reads.
LACKING: dict[str, dict[str, object]] = {
    IDENTITY: {"hostile": "no-environment"},
    GATE: {"card": "card-3.0"},
    POS: {"card": "card-1.0"},
    PHONE: {"hostile": "no-environment"},
}
FORMS = {
    IDENTITY: ("adaptReadIdentity", r"2\|身份认证\|[0-9]{17}[0-9X]\|[^|]{2,}\|[0-9A-Z]{9}\|[0-9]{8}\|"),
    GATE: ("adaptReadGate", r"2\|交易支付\|0[0-9]{19}\|[0-9]{8}\|[0-9]{4}\|[0-9]{4}\|(0|[1-9][0-9]*)\|"),
    POS: ("adaptReadPos", r"2\|交易支付\|[0-9]{12,19}\|"),
    PHONE: ("adaptReadPhone", r"2\|身份认证\|[0-9A-Fa-f]{32}\|3\.00\|[0-9A-Z]{9}\|[0-9]{8}\|"),
}
Place = tuple[str, str]


def kinds(spec: InterfaceSpec) -> tuple[str, ...]:
    """The kinds that the terminal is."""
    return tuple(terminal_spec(spec).kinds)


def without_sam(spec: InterfaceSpec) -> tuple[str, ...]:
    """The kinds that need no PSAM."""
    return tuple(name for name, kind in terminal_spec(spec).kinds.items() if not kind.authentication)


def places(spec: InterfaceSpec) -> tuple[Place, ...]:
    """Kinds with each interface on which they read; kinds with two may have been made without the contactless one."""
    both = bool(spec.ics["terminal.contactless"])
    return tuple(
        (name, slot)
        for name, kind in terminal_spec(spec).kinds.items()
        for slot in kind.slots
        if both or slot == kind.slots[0]
    )


def of_kind(spec: InterfaceSpec, name: str) -> tuple[str, ...]:
    """The interfaces of one kind."""
    return tuple(slot for kind, slot in places(spec) if kind == name)


def pos_places(spec: InterfaceSpec) -> tuple[str, ...]:
    """The interfaces of a POS."""
    return of_kind(spec, POS)


def identity_places(spec: InterfaceSpec) -> tuple[str, ...]:
    """The interfaces of an identity-card reader."""
    return of_kind(spec, IDENTITY)


def shown(place: object) -> str:
    """A kind with its interface as the end of a case's name."""
    return "-".join(str(part) for part in place) if isinstance(place, tuple) else str(place)


def read(terminal: TerminalUnderTest, name: str, **settings: object) -> tuple[TerminalKind, KindSeen, CallResult]:
    """Lay out a card, have the terminal read it, and look at what happened; ``forged`` is told by the settings."""
    spec = terminal_spec(terminal.spec)
    kind = spec.kinds[name]
    terminal.prepare({"card": WIDEST, "slots": [kind.slots[0]], **settings})
    result = terminal.call(spec.functions[name].call)
    profile = str(settings.get("card") or WIDEST)
    card = terminal.card_of(WIDEST)
    seen = kind_seen(spec, card, kind, result.trace)
    if kind.authentication:
        roots = {key: terminal.root_key(key) for key in (INTERNAL_KEY, READ_KEY)}
        forged = settings.get("hostile") == "forged"
        for fault in own_faults(spec, terminal.card_of(profile), seen.items, roots, forged=forged):
            raise Inconclusive(zh=fault.zh, en=fault.en)
    return kind, seen, result


def result_is_right(terminal: TerminalUnderTest, name: str, **settings: object) -> None:
    """The result is what the card answered."""
    kind, seen, result = read(terminal, name, **settings)
    expect(result).returns(0)
    for one in compare_kind(terminal.card_of(WIDEST), kind, seen, result.out):
        check(terminal, one.ok, what=one.what, expected=one.expected, received=one.received)


def fails(terminal: TerminalUnderTest, codes: tuple[int, ...], name: str, **settings: object) -> KindSeen:
    """The call gives one of the codes, and no data."""
    kind, seen, result = read(terminal, name, **settings)
    expect(result).returns(*codes)
    told = told_texts(terminal.card_of(WIDEST), kind, seen, result.out)
    check(terminal, not told, what="output of a failed call", expected="no data", received=", ".join(told))
    return seen


def codes(terminal: TerminalUnderTest, outcome: str) -> tuple[int, ...]:
    """The return codes that may tell an outcome."""
    return terminal_spec(terminal.spec).outcomes[outcome]


@verifies_by("kind", lambda kind: f"TERMINAL-KIND-{kind.removeprefix('ADAPT-')}")
@for_each("kind", kinds)
def test_form(terminal: TerminalUnderTest, kind: str) -> None:
    """The function of the interface gives its fields, each ended by |: numbers in digits alone, dates in eight."""
    call, form = FORMS[kind]
    terminal.prepare({"card": WIDEST, "slots": [terminal_spec(terminal.spec).kinds[kind].slots[0]]})
    result = terminal.call(call)
    expect(result).returns(0)
    check(terminal, bool(re.fullmatch(form, result.out)), what="result", expected=form, received=result.out)


@verifies("TERMINAL-KIND-IDENTITY")
@for_each("profile", GENERATIONS)
@for_each("holder", (0, LONG_NAME), ids=lambda holder: f"holder-{holder}")
def test_identity(terminal: TerminalUnderTest, profile: str, holder: int) -> None:
    """An identity-card reader gives the identity data of a card of each generation, a long name whole."""
    result_is_right(terminal, IDENTITY, card=profile, holder=holder)


@verifies("TERMINAL-KIND-IDENTITY")
@for_each("slot", identity_places)
def test_identity_by_interface(terminal: TerminalUnderTest, slot: str) -> None:
    """An identity-card reader reads alike over each of its interfaces."""
    result_is_right(terminal, IDENTITY, slots=[slot])


@verifies("TERMINAL-KIND-GATE")
@for_each("holder", (0, LONG_NAME), ids=lambda holder: f"holder-{holder}")
def test_gate(terminal: TerminalUnderTest, holder: int) -> None:
    """A transit gate gives serial, end date, city, interoperability flag and balance as the card answers them."""
    result_is_right(terminal, GATE, holder=holder)


@verifies("TERMINAL-KIND-GATE")
def test_gate_near_the_end(terminal: TerminalUnderTest) -> None:
    """A transport application that ends in two days is taken."""
    result_is_right(terminal, GATE, hostile="transport-ends-soon")


@verifies("TERMINAL-KIND-POS")
@for_each("slot", pos_places)
@for_each("holder", (0, LONG_NAME), ids=lambda holder: f"holder-{holder}")
def test_pos(terminal: TerminalUnderTest, slot: str, holder: int) -> None:
    """A POS gives the account number of the debit application, over each of its interfaces."""
    result_is_right(terminal, POS, slots=[slot], holder=holder)


@verifies("TERMINAL-KIND-PHONE")
@for_each("profile", ("card-3.0", WIDEST))
def test_phone(terminal: TerminalUnderTest, profile: str) -> None:
    """A phone with NFC gives what reads freely of a third-generation card."""
    result_is_right(terminal, PHONE, card=profile)


@verifies("TERMINAL-KIND-SLOTS")
@for_each("kind", kinds)
def test_other_interface(terminal: TerminalUnderTest, kind: str) -> None:
    """A card in the contact slot alone: contactless kinds give -2 and send nothing, the others read it."""
    expected = terminal_spec(terminal.spec).kinds[kind].slots
    _, seen, result = read(terminal, kind, slots=[CONTACT])
    expect(result).returns(*((0,) if CONTACT in expected else codes(terminal, "NO-CARD")))
    wanted = tuple(slot for slot in expected if slot == CONTACT)
    check(terminal, seen.slots == wanted, what="interfaces", expected=shown(wanted), received=", ".join(seen.slots))


@verifies("TERMINAL-KIND-SLOTS")
@for_each("kind", kinds)
def test_no_card(terminal: TerminalUnderTest, kind: str) -> None:
    """Without a card on any interface -2 is returned."""
    fails(terminal, codes(terminal, "NO-CARD"), kind, slots=[])


@verifies("TERMINAL-KIND-SLOTS")
@for_each("kind", kinds)
def test_both_interfaces(terminal: TerminalUnderTest, kind: str) -> None:
    """With a card on both interfaces only the one is used that comes first for the kind."""
    _, seen, _ = read(terminal, kind, slots=[CONTACT, FIELD])
    wanted = terminal_spec(terminal.spec).kinds[kind].slots[0]
    check(terminal, seen.slots == (wanted,), what="interfaces", expected=wanted, received=", ".join(seen.slots))


@verifies("TERMINAL-KIND-SLOTS")
@for_each("place", places, ids=shown)
def test_its_interfaces(terminal: TerminalUnderTest, place: Place) -> None:
    """A card on any interface of the kind is found."""
    kind, slot = place
    _, seen, result = read(terminal, kind, slots=[slot])
    expect(result).returns(0)
    check(terminal, seen.slots == (slot,), what="interfaces", expected=slot, received=", ".join(seen.slots))


@verifies("TERMINAL-KIND-SCOPE")
@for_each("place", places, ids=shown)
def test_nothing_outside(terminal: TerminalUnderTest, place: Place) -> None:
    """On a card with every application the terminal enters and reads what its use needs, and nothing else."""
    kind, slot = place
    _, seen, result = read(terminal, kind, slots=[slot])
    expect(result).returns(0)
    received = ", ".join(dict.fromkeys(seen.outside))
    check(terminal, not seen.outside, what="entered or read outside of the use", expected="nothing", received=received)


@verifies("TERMINAL-KIND-UNCHANGED")
@for_each("place", places, ids=shown)
def test_nothing_changed(terminal: TerminalUnderTest, place: Place) -> None:
    """Only selections, readings and the authentications of the kind are sent to the card."""
    kind, slot = place
    _, seen, result = read(terminal, kind, slots=[slot])
    expect(result).returns(0)
    received = ", ".join(seen.commands)
    check(terminal, not seen.commands, what="commands that no reading needs", expected="none", received=received)


@verifies("TERMINAL-KIND-GENUINE")
@for_each("profile", GENERATIONS)
def test_forged_card(terminal: TerminalUnderTest, profile: str) -> None:
    """An identity-card reader refuses a card that proves nothing, and gives no data."""
    fails(terminal, codes(terminal, "INTERNAL"), IDENTITY, card=profile, hostile="forged")


@verifies("TERMINAL-KIND-GENUINE")
@for_each("slot", identity_places)
def test_forged_by_interface(terminal: TerminalUnderTest, slot: str) -> None:
    """A forged card is refused over each interface."""
    fails(terminal, codes(terminal, "INTERNAL"), IDENTITY, slots=[slot], hostile="forged")


@verifies("TERMINAL-KIND-GENUINE")
def test_identity_without_psam(terminal: TerminalUnderTest) -> None:
    """Without its PSAM an identity-card reader gives -2201 and no data."""
    fails(terminal, codes(terminal, "SAM-ABSENT"), IDENTITY, psam=None)


@verifies("TERMINAL-KIND-WITHOUT-PSAM")
@for_each("kind", without_sam)
def test_without_psam(terminal: TerminalUnderTest, kind: str) -> None:
    """Gate, POS and phone read where there is no PSAM."""
    result_is_right(terminal, kind, psam=None)


@verifies("TERMINAL-KIND-WITHOUT-PSAM")
@for_each("kind", without_sam)
def test_psam_is_not_used(terminal: TerminalUnderTest, kind: str) -> None:
    """Gate, POS and phone send nothing to a PSAM that is there."""
    _, seen, result = read(terminal, kind)
    expect(result).returns(0)
    check(terminal, not seen.sam_used, what="commands to the PSAM", expected="none", received="commands")


@verifies("TERMINAL-KIND-ABSENT")
@for_each("place", places, ids=shown)
def test_application_is_absent(terminal: TerminalUnderTest, place: Place) -> None:
    """Of a card without the application the code says so, and no data come out."""
    kind, slot = place
    outcome = "NO-ENVIRONMENT" if kind in (IDENTITY, PHONE) else "NO-APPLICATION"
    fails(terminal, codes(terminal, outcome), kind, slots=[slot], **LACKING[kind])


@verifies("TERMINAL-KIND-REMOVED")
@for_each("kind", kinds)
@for_each("after", PULLED_AFTER, ids=lambda after: f"after-{after}")
def test_pulled_card(terminal: TerminalUnderTest, kind: str, after: int) -> None:
    """A card that is taken away after some commands gives a code and no data."""
    _, seen, result = read(terminal, kind, **{"removed-after": after})
    if not any(one.answer.get("error") == "removed" for one in result.trace):
        raise Inconclusive(zh="读卡在移开卡片之前已结束", en="the reading was over before the card was taken away")
    expect(result).returns(*codes(terminal, "REMOVED"))
    told = told_texts(terminal.card_of(WIDEST), terminal_spec(terminal.spec).kinds[kind], seen, result.out)
    check(terminal, not told, what="output of a failed call", expected="no data", received=", ".join(told))


@verifies("TERMINAL-KIND-BLOCKED")
def test_blocked_application(terminal: TerminalUnderTest) -> None:
    """A gate gives the negative status word of a blocked transport application, and no data."""
    fails(terminal, (terminal_spec(terminal.spec).status_code(0x9303),), GATE, hostile="transport-blocked")


@verifies("TERMINAL-KIND-EXPIRED")
@for_each("hostile", ("transport-expired", "transport-not-started", "transport-ended-lately", "transport-starts-soon"))
def test_dates(terminal: TerminalUnderTest, hostile: str) -> None:
    """A gate refuses a transport application before its start date and behind its end date."""
    fails(terminal, codes(terminal, "INVALID"), GATE, hostile=hostile)
