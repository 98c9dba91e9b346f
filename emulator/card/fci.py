"""File control information of applications."""

from emulator.card.behaviour import CardBehaviour
from emulator.codec import ber_tlv
from onecard.spec.card import Application, CardSpec

ENVIRONMENT = "environment"


def file_control_information(application: Application, spec: CardSpec, behaviour: CardBehaviour) -> bytes:
    """The FCI: name, and for an environment its proprietary template (2011 draft, part 5, tables 36 to 38)."""
    objects = [ber_tlv(application.fci.name_tag, application.aid)]
    if application.level == ENVIRONMENT and application.fci.proprietary_tag is not None:
        # The template stands even where its two optional objects are both absent (table 36 marks only these optional).
        objects.append(ber_tlv(application.fci.proprietary_tag, _proprietary(application, spec, behaviour)))
    ordered = behaviour.fci_objects(application.id, tuple(objects))
    return behaviour.fci(application.id, ber_tlv(application.fci.template, b"".join(ordered)))


def _proprietary(application: Application, spec: CardSpec, behaviour: CardBehaviour) -> bytes:
    fci = application.fci
    out = b""
    directory = spec.ics["card.directory_sfi"]
    if fci.directory_tag is not None and isinstance(directory, int) and directory:
        out += ber_tlv(fci.directory_tag, bytes([directory]))
    if fci.issuer_tag is not None and fci.algorithm_tag is not None and spec.ics["card.algorithm_identifier"]:
        identifier = behaviour.algorithm_identifier(spec.algorithm.identifier)
        out += ber_tlv(fci.issuer_tag, ber_tlv(fci.algorithm_tag, bytes([identifier])))
    return out
