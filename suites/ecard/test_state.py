"""The card's state and what it means for the e-card: loss, the holder's authorisation, release, end."""

from onecard.oracle.ecard_client import Client
from onecard.spec.ecard import EcardSpec, Use, ecard_spec
from onecard.spec.interface import InterfaceSpec
from onecard.testing import EcardUnderTest, Inconclusive, Reply, expect, for_each, verifies

ORDER = 120
SCENES = ("004", "005", "008")
UNKNOWN_STATE = "Z"


def suspending(spec: InterfaceSpec) -> list[str]:
    """States in which the e-card rests and from which there is a way back, but for the temporary loss."""
    states = ecard_spec(spec).states.values()
    return [s.id for s in states if s.use is Use.NONE and not s.final and s.id != "TEMPORARILY-LOST"]


def with_way_back(spec: InterfaceSpec) -> list[str]:
    """All states that a report leads out of."""
    return [state.id for state in ecard_spec(spec).states.values() if not state.final]


def refused(reply: Reply, spec: EcardSpec, error: str) -> None:
    """The named refusal of the data."""
    wanted = spec.error(error)
    expect(reply).refused(wanted.status, code=wanted.code)


def begun(ecard: EcardUnderTest) -> tuple[Client[Reply], str]:
    """A client and the e-card of the first card, which is normal again in the end."""
    client = Client(ecard)
    essc_no = client.issued()
    if not ecard.has_parameter("control"):
        ecard.at_end("card normal again", lambda: client.reported(client.card, "NORMAL"))
    return client, essc_no


def may_end(client: Client[Reply]) -> dict[str, str]:
    """A card that may be cancelled."""
    if client.may_end is None:
        raise Inconclusive(
            zh="IXIT 既未给出 control，也未以 may_cancel 指明可注销的卡",
            en="the IXIT gives neither control nor, as may_cancel, a card that may be cancelled",
        )
    return client.may_end


@verifies("ECARD-REPORT")
@for_each("state", with_way_back)
def test_report(ecard: EcardUnderTest, state: str) -> None:
    """A reported state is confirmed, shown at once with whether the e-card is usable, and may be reported twice."""
    client, essc_no = begun(ecard)
    told = client.spec.state(state)
    for _ in range(2):
        reply = client.report(client.card, state)
        expect(reply).status(client.spec.operation("REPORT").success).json()
        expect(reply).field("aaz501", client.card["aaz501"]).field("aaz502", told.code)
    shown = client.status(essc_no)
    expect(shown).status(client.spec.operation("STATUS").success).field("aaz502", told.code)
    expect(shown).field("usable", told.use is Use.ALL).field("esscNo", essc_no)
    expect(shown).field("aab301", client.card["aab301"])


@verifies("ECARD-REPORT")
def test_unknown_state(ecard: EcardUnderTest) -> None:
    """A code of state that the declared set does not have is refused and changes nothing."""
    client, essc_no = begun(ecard)
    client.reported(client.card, "LOST")
    body = {"aaz501": client.card["aaz501"], "aaz502": UNKNOWN_STATE}
    refused(client.call(client.spec.operation("REPORT"), body), client.spec, "REQUEST")
    expect(client.status(essc_no)).field("aaz502", client.spec.state("LOST").code)


@verifies("ECARD-SUSPEND")
@for_each("state", suspending)
def test_suspended(ecard: EcardUnderTest, state: str) -> None:
    """While the card is lost, sealed or locked there is no new code, and one given before is not verified."""
    client, essc_no = begun(ecard)
    before = client.code_text(essc_no)
    client.reported(client.card, state)
    refused(client.code(essc_no), client.spec, "SUSPENDED")
    refused(client.verify(before), client.spec, "SUSPENDED")


@verifies("ECARD-SUSPEND-TEMPORARY")
def test_temporary_loss(ecard: EcardUnderTest) -> None:
    """Temporarily lost: no code is given and none verified without the holder's authorisation."""
    client, essc_no = begun(ecard)
    before = client.code_text(essc_no)
    client.reported(client.card, "TEMPORARILY-LOST")
    refused(client.code(essc_no), client.spec, "SUSPENDED")
    refused(client.verify(before), client.spec, "SUSPENDED")


@verifies("ECARD-SUSPEND-TEMPORARY")
@for_each("scene", SCENES)
def test_authorised(ecard: EcardUnderTest, scene: str) -> None:
    """The holder's authorisation, however given, opens a temporarily lost card's e-card, or is refused, as declared."""
    client, essc_no = begun(ecard)
    client.reported(client.card, "TEMPORARILY-LOST")
    reply = client.authorise(essc_no, scene)
    if client.spec.state("TEMPORARILY-LOST").use is Use.AUTHORISED:
        expect(reply).status(client.spec.operation("AUTHORISE").success)
        expect(reply).field("usable", True).field("esscNo", essc_no)
        verified = client.verify(client.code_text(essc_no))
        expect(verified).status(client.spec.operation("VERIFY").success).field("esscNo", essc_no)
    else:
        refused(reply, client.spec, "SUSPENDED")
        refused(client.code(essc_no), client.spec, "SUSPENDED")


@verifies("ECARD-AUTHORISATION-ENDS")
def test_authorisation_ends(ecard: EcardUnderTest) -> None:
    """After release and another temporary loss the e-card rests again."""
    client, essc_no = begun(ecard)
    client.reported(client.card, "TEMPORARILY-LOST")
    client.authorised(essc_no)
    client.reported(client.card, "NORMAL")
    client.reported(client.card, "TEMPORARILY-LOST")
    refused(client.code(essc_no), client.spec, "SUSPENDED")


@verifies("ECARD-AUTHORISATION-ENDS")
def test_not_in_advance(ecard: EcardUnderTest) -> None:
    """A normal card's holder authorises nothing, and nothing of it is left for a later temporary loss."""
    client, essc_no = begun(ecard)
    refused(client.authorise(essc_no), client.spec, "STATE")
    client.reported(client.card, "TEMPORARILY-LOST")
    refused(client.code(essc_no), client.spec, "SUSPENDED")


@verifies("ECARD-AUTHORISATION-LOST")
def test_lost_stays_closed(ecard: EcardUnderTest) -> None:
    """A lost card's e-card is opened neither by an authorisation now nor by one given while it was temporarily lost."""
    client, essc_no = begun(ecard)
    client.reported(client.card, "TEMPORARILY-LOST")
    if client.spec.state("TEMPORARILY-LOST").use is Use.AUTHORISED:
        client.authorised(essc_no)
    client.reported(client.card, "LOST")
    refused(client.code(essc_no), client.spec, "SUSPENDED")
    refused(client.authorise(essc_no), client.spec, "SUSPENDED")
    refused(client.code(essc_no), client.spec, "SUSPENDED")


@verifies("ECARD-RELEASE")
@for_each("state", suspending)
def test_release(ecard: EcardUnderTest, state: str) -> None:
    """Normal again, the e-card with its old number gives codes that are verified."""
    client, essc_no = begun(ecard)
    client.reported(client.card, state)
    released = client.report(client.card, "NORMAL")
    expect(released).status(client.spec.operation("REPORT").success).field("aaz501", client.card["aaz501"])
    expect(client.status(essc_no)).field("usable", True)
    given = client.code(essc_no)
    expect(given).status(client.spec.operation("CODE").success).has("code")
    verified = client.verify(given.get("code"))
    expect(verified).status(client.spec.operation("VERIFY").success).field("esscNo", essc_no)


@verifies("ECARD-DEREGISTER")
def test_end(ecard: EcardUnderTest) -> None:
    """A cancelled card: no code, no verification, no authorisation, and no report brings the e-card back."""
    client = Client(ecard)
    card = may_end(client)
    essc_no = client.issued(card)
    before = client.code_text(essc_no)
    client.reported(card, "CANCELLED")
    for _ in range(2):
        refused(client.code(essc_no), client.spec, "ENDED")
        refused(client.verify(before), client.spec, "ENDED")
        refused(client.authorise(essc_no), client.spec, "ENDED")
        refused(client.report(card, "NORMAL"), client.spec, "ENDED")
    expect(client.status(essc_no)).field("aaz502", client.spec.state("CANCELLED").code).field("usable", False)


@verifies("ECARD-ISSUE-STATE")
def test_no_issue_after_the_end(ecard: EcardUnderTest) -> None:
    """A cancelled card gets no e-card."""
    client = Client(ecard)
    card = may_end(client)
    client.reported(card, "CANCELLED")
    refused(client.issue(card), client.spec, "STATE")
