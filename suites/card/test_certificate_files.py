"""The certificate application: selection, public keys, certificates, and private keys that nobody reads."""

from onecard.oracle import certificate as oracle
from onecard.oracle.tlv import ber_tlv_decode, fci_decode
from onecard.spec.card import CardSpec
from onecard.testing import CardUnderTest, Certificate, Response, check, destructive, expect, for_each, verifies

ORDER = 700
USES = ("signature", "encryption")
USER, ADMIN = "CERT-USER", "CERT-ADMIN"
# The published programs write certificates in pieces of this many bytes.
PIECE = 0x70


def as_programs_select(spec: CardSpec, *identifiers: str) -> tuple[str, ...]:
    """Files for the literal commands: the programs select with P1 = 00, which a card may not have."""
    return identifiers if spec.ics["card.select_ef_by_p1_00"] else ()


def named(response: Response, name: bytes) -> None:
    """An FCI that gives this DF name."""
    expect(response).ok().conforms(fci_decode, "an FCI")
    found = fci_decode(response.data).name
    check(
        response.subject,
        found == name,
        what="DF name in the FCI",
        expected=name.hex().upper(),
        received=found.hex().upper(),
    )


@verifies("CARD-CERT-SELECT")
@for_each("application", ("PKI", "CERT"))
def test_select(card: CardUnderTest, application: str) -> None:
    """The environment, and in it the application, is selected by its name, which the FCI gives back."""
    name = card.spec.applications[application].df_name
    if application == "CERT":
        card.select_world("PKI")
    named(card.send(card.apdu.select_name(name)), name)


@verifies("CARD-CERT-SELECT")
def test_select_literally(card: CardUnderTest) -> None:
    """The two SELECT commands byte by byte, as the published programs send them."""
    environment = bytes.fromhex("504B492EC9E7BBE1B1A3D5CF")
    application = bytes.fromhex("53532E434552542E41444631")
    named(card.send(bytes.fromhex("00A404000C") + environment), environment)
    named(card.send(bytes.fromhex("00A404000C") + application), application)


@verifies("CARD-CERT-FCI")
def test_environment_is_ddf(card: CardUnderTest) -> None:
    """The FCI of the environment holds its name and the template A5, in any order."""
    response = card.send(card.apdu.select_name(card.spec.applications["PKI"].df_name))
    expect(response).ok().conforms(fci_decode, "an FCI")
    (template,) = ber_tlv_decode(response.data, 0, len(response.data))
    inner = ber_tlv_decode(response.data, template.value_offset, len(response.data))
    tags = {found.tag for found in inner}
    shown = " ".join(f"{tag:02X}" for tag in sorted(tags))
    check(card, {0x84, 0xA5} <= tags, what="objects in the FCI", expected="84 A5", received=shown)


@verifies("CARD-CERT-SELECT-FID")
def test_select_by_fid(card: CardUnderTest) -> None:
    """In the environment DF01 is the certificate application with its files; the DF01 of SSSE has the same number."""
    card.select_world("PKI")
    named(card.send(bytes.fromhex("00A4000002DF01")), card.spec.applications["CERT"].df_name)
    # That the card stands there shows in its files alone.
    expect(card.send(card.apdu.select_ef(card.spec.file("CERT/0012").fid))).ok()
    expect(card.send(bytes.fromhex("00B0000042"))).ok().length(0x42)


@verifies("CARD-CERT-PUBLIC-KEY")
@for_each("use", USES)
def test_public_key(card: CardUnderTest, use: str) -> None:
    """A public key file reads without any PIN: 66 bytes, which end in a point of the curve."""
    application = Certificate(card)
    application.select()
    card.select_file(application.data.pair(use).public)
    response = application.read_piece(0, 0x42)
    expect(response).ok().length(0x42).conforms(oracle.public_key, "a point of the SM2 curve")


@verifies("CARD-CERT-PUBLIC-KEY")
@for_each("fid", lambda spec: as_programs_select(spec, "0012", "0014"))
def test_public_key_literally(card: CardUnderTest, fid: str) -> None:
    """00A4000002 and the identifier, then 00B0000042, as the published programs read a public key."""
    Certificate(card).select()
    expect(card.send(bytes.fromhex("00A4000002" + fid))).ok()
    expect(card.send(bytes.fromhex("00B0000042"))).ok().length(0x42).conforms(oracle.public_key, "a point of the curve")


@verifies("CARD-CERT-PUBLIC-KEY")
def test_public_keys_differ(card: CardUnderTest) -> None:
    """The two key pairs are two: signing and deciphering do not share a key."""
    application = Certificate(card)
    application.select()
    keys = {application.public_key(use).octets for use in USES}
    check(card, len(keys) == 2, what="public keys", expected="two different ones", received=f"{len(keys)}")


@verifies("CARD-CERT-CERTIFICATE")
@for_each("fid", lambda spec: as_programs_select(spec, "0018", "0019"))
def test_certificate_literally(card: CardUnderTest, fid: str) -> None:
    """00A4000002 and the identifier, then 00B0, give the beginning of a DER certificate without any PIN."""
    Certificate(card).select()
    expect(card.send(bytes.fromhex("00A4000002" + fid))).ok()
    expect(card.send(bytes.fromhex("00B0000002"))).ok().starts_with(b"\x30\x82", "a DER sequence")


@verifies("CARD-CERT-KEY-FILES")
@for_each("use", USES)
def test_key_files_closed(card: CardUnderTest, use: str) -> None:
    """With both PINs verified the first byte of a public key, written again by 00D6, is refused."""
    application = Certificate(card)
    application.select()
    application.present(USER, ADMIN)
    card.select_file(application.data.pair(use).public)
    first = application.read_piece(0, 1)
    expect(card.send(card.apdu.update_binary(0, first.data))).refused_with("6982")


@verifies("CARD-CERT-CERTIFICATE")
@for_each("use", USES)
def test_certificate(card: CardUnderTest, use: str) -> None:
    """The certificate is X.509 with an SM2 key, that of the public key file, and its validity ends after it begins."""
    application = Certificate(card)
    application.select()
    key = application.public_key(use)
    octets = application.read(application.data.pair(use).certificate)
    try:
        found = oracle.card_certificate(octets)
    except ValueError as error:
        shown = f"{octets[:16].hex().upper()}…: {error}"
        check(card, False, what="certificate", expected="an X.509 certificate with SM2", received=shown)
        return
    check(
        card,
        found.key == key,
        what="key in the certificate",
        expected=key.octets.hex().upper(),
        received=found.key.octets.hex().upper(),
    )
    check(
        card,
        found.not_before < found.not_after,
        what="validity",
        expected="it ends after it begins",
        received=f"{found.not_before:%Y-%m-%d} to {found.not_after:%Y-%m-%d}",
    )


@verifies("CARD-CERT-ISSUED")
@for_each("use", USES)
def test_issued(card: CardUnderTest, use: str) -> None:
    """The signature of the certificate holds under the issuer's key that the IXIT gives."""
    application = Certificate(card)
    issuer = application.issuer
    application.select()
    octets = application.read(application.data.pair(use).certificate)
    found = oracle.card_certificate(octets)
    check(
        card,
        found.issued_by(issuer),
        what="signature of the certificate",
        expected="holds under the issuer's key",
        received="holds" if found.issued_by(issuer) else "does not hold",
    )


@verifies("CARD-CERT-PRIVATE")
@for_each("use", USES)
@for_each("state", ("nothing", "user", "administrator", "both"))
def test_private_key(card: CardUnderTest, use: str, state: str) -> None:
    """A private key file is refused to READ BINARY and READ RECORD, whatever PIN was verified."""
    application = Certificate(card)
    application.select()
    pins = {"nothing": (), "user": (USER,), "administrator": (ADMIN,), "both": (USER, ADMIN)}[state]
    application.present(*pins)
    # Whether a file of keys can be selected at all is the card's choice.
    card.send(card.apdu.select_ef(int.from_bytes(application.fid(application.data.pair(use).private))))
    for command in ("00B0000000", "00B0000022", "00B0000020", "00B0000001", "00B2010400", "00B2C00000"):
        response = card.send(bytes.fromhex(command))
        expect(response).refused()


@verifies("CARD-CERT-UPDATE")
@for_each("use", USES)
def test_update(card: CardUnderTest, use: str) -> None:
    """After the administrator PIN a byte of the filling and pieces of the certificate are written and read back."""
    application = Certificate(card)
    file = application.data.pair(use).certificate
    application.select()
    before = application.read(file)
    last = len(before) - 1

    def restore() -> None:
        application.select()
        application.present(ADMIN)
        card.select_file(file)
        expect(card.send(card.apdu.update_binary(last, before[last:]))).ok()

    card.at_end(f"write the last byte of {file} back", restore)
    application.present(ADMIN)
    card.select_file(file)
    changed = bytes((before[last] ^ 0x01,))
    expect(card.send(card.apdu.update_binary(last, changed))).ok().length(0)
    for start in range(0, 2 * PIECE, PIECE):
        expect(card.send(card.apdu.update_binary(start, before[start : start + PIECE]))).ok().length(0)
    expect(application.read_piece(last, 1)).ok().data(changed, "the byte written")
    expect(application.read_piece(0, PIECE)).ok().data(before[:PIECE], "the piece written")


@verifies("CARD-CERT-UPDATE")
@for_each("state", ("nothing", "user"))
@for_each("use", USES)
def test_update_guarded(card: CardUnderTest, use: str, state: str) -> None:
    """Without the administrator PIN a certificate is not written: the same byte again is refused, and 6982 says why."""
    application = Certificate(card)
    file = application.data.pair(use).certificate
    application.select()
    before = application.read(file)
    application.present(*((USER,) if state == "user" else ()))
    card.select_file(file)
    refused = card.spec.command("UPDATE-BINARY").statuses["security"].text
    expect(card.send(card.apdu.update_binary(0, before[:1]))).refused_with(refused)


@verifies("CARD-CERT-UPDATE")
@destructive("the certificates")
@for_each("use", USES)
def test_update_whole(card: CardUnderTest, use: str) -> None:
    """A whole certificate is replaced in pieces of 70 bytes, and the new one reads back."""
    application = Certificate(card)
    pair = application.data.pair(use)
    application.select()
    new = card.random.bytes(card.spec.file(pair.certificate).size)
    application.present(ADMIN)
    card.select_file(pair.certificate)
    for start in range(0, len(new), PIECE):
        expect(card.send(card.apdu.update_binary(start, new[start : start + PIECE]))).ok()
    found = application.read(pair.certificate)
    check(card, found == new, what="file", expected=new.hex().upper(), received=found.hex().upper())
