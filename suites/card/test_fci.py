"""File control information of the environment and of the applications."""

from onecard.oracle.errors import DecodeError
from onecard.oracle.tlv import BerTlv, Fci, ber_tlv_decode, fci_decode
from onecard.spec.card import Application, CardSpec
from onecard.testing import CardUnderTest, PreambleFailed, check, expect, for_each, verifies

ORDER = 30


def objects_in(octets: bytes) -> tuple[BerTlv, ...]:
    """The BER-TLV objects that fill ``octets``."""
    return ber_tlv_decode(octets, 0, len(octets))


def environment(card: CardUnderTest) -> Fci:
    """The FCI of SSSE; one that is not well formed is judged by cases of its own."""
    try:
        return fci_decode(card.select_environment())
    except DecodeError as error:
        raise PreambleFailed(
            zh=f"FCI 无法解析：{error.text.zh}", en=f"the FCI does not parse: {error.text.en}"
        ) from None


def shown(tags: set[int]) -> str:
    """Tags in words of a report."""
    return " ".join(f"{tag:02X}" for tag in sorted(tags)) or "none"


def adfs(spec: CardSpec) -> list[Application]:
    """The applications under SSSE."""
    return [application for application in spec.applications.values() if application.parent == "SSSE"]


def selections(spec: CardSpec) -> list[tuple[Application, str]]:
    """Each application with the ways of selecting it."""
    return [(each, way) for each in adfs(spec) for way in ("name", *(("identifier",) if each.fid else ()))]


def application_id(application: Application) -> str:
    """The id of an application in a case id."""
    return application.id


@verifies("CARD-FCI-SSSE")
def test_environment(card: CardUnderTest) -> None:
    """The FCI of SSSE is well formed throughout and names SSSE."""
    name = card.spec.applications["SSSE"].aid
    expect(card.send(card.apdu.select_name(name))).ok().conforms(fci_decode, "FCI 6F { 84, A5 { 88, 9F0C } }")
    found = environment(card).name
    check(card, found == name, what="name in 84", expected=name.hex().upper(), received=found.hex().upper())


@verifies("CARD-FCI-SSSE")
def test_environment_templates(card: CardUnderTest) -> None:
    """The FCI is one template 6F as long as its length says, and holds the name 84 and the template A5."""
    rules = card.spec.applications["SSSE"].fci
    response = card.send(card.apdu.select_name(card.spec.applications["SSSE"].aid))
    expect(response).ok().conforms(objects_in, "BER-TLV")
    outer = objects_in(response.data)
    found = {item.tag for item in outer}
    check(card, found == {rules.template}, what="outer template", expected="6F", received=shown(found))
    expect(response).conforms(lambda _: objects_in(outer[0].value), "BER-TLV within the template")
    inner = {item.tag for item in objects_in(outer[0].value)}
    wanted = {tag for tag in (rules.name_tag, rules.proprietary_tag) if tag is not None}
    check(card, wanted <= inner, what="objects in the template", expected=shown(wanted), received=shown(inner))


@verifies("CARD-FCI-SSSE")
def test_environment_again(card: CardUnderTest) -> None:
    """The FCI is the same each time, before and after another application was selected."""
    first = card.select_environment()
    card.select_application("DF01")
    expect(card.send(card.apdu.select_name(card.spec.applications["SSSE"].aid))).ok().data(first, "FCI")


@verifies("CARD-FCI-ALGORITHM")
def test_algorithm(card: CardUnderTest) -> None:
    """Declared: 9F0C holds 86 01 and the identifier of the declared algorithm."""
    wanted, found = card.spec.algorithm.identifier, environment(card).algorithm
    received = "none" if found is None else f"{found:02X}"
    check(card, found == wanted, what="algorithm identifier", expected=f"{wanted:02X}", received=received)


@verifies("CARD-FCI-ALGORITHM")
def test_algorithm_as_terminals_find_it(card: CardUnderTest) -> None:
    """Declared: the bytes 86 01 xx stand at the beginning of the issuer data 9F0C."""
    rules, wanted = card.spec.applications["SSSE"].fci, bytes((0x86, 0x01, card.spec.algorithm.identifier))
    issuer = environment(card).issuer_data or b""
    what = f"issuer data {rules.issuer_tag:X}"
    check(card, issuer[:3] == wanted, what=what, expected=wanted.hex().upper(), received=issuer.hex().upper())


@verifies("CARD-FCI-DIRECTORY")
def test_directory(card: CardUnderTest) -> None:
    """88 stands in the FCI with the declared SFI, or does not where no directory file is declared."""
    declared = card.ics["card.directory_sfi"]
    found = environment(card).directory_sfi or 0
    check(card, found == declared, what="directory SFI (0: none)", expected=str(declared), received=str(found))


@verifies("CARD-FCI-ADF")
@for_each("selection", selections, ids=lambda selection: f"{selection[0].id}-{selection[1]}")
def test_application(card: CardUnderTest, selection: tuple[Application, str]) -> None:
    """An application answers selection by name or identifier with 6F { 84 } that holds its AID, or without one its
    label.
    """
    application, way = selection
    card.select_environment()
    apdu = card.apdu
    command = apdu.select_name(application.df_name) if way == "name" else apdu.select_fid(application.fid, 0x00)
    response = card.send(command)
    expect(response).ok().starts_with(bytes((application.fci.template,))).conforms(fci_decode, "FCI 6F { 84 }")
    found = fci_decode(response.data).name
    name = application.df_name
    check(card, found == name, what="84", expected=name.hex().upper(), received=found.hex().upper())


@verifies("CARD-FCI-ADF")
@for_each("application", lambda spec: [each for each in adfs(spec) if each.fid], ids=application_id)
def test_application_twice(card: CardUnderTest, application: Application) -> None:
    """Selecting an application by identifier and by name gives the same FCI."""
    card.select_environment()
    by_name = card.select_application(application.id)
    card.select_environment()
    expect(card.send(card.apdu.select_fid(application.fid, 0x00))).ok().data(by_name, "FCI")
