"""File control information of applications."""

from collections.abc import Callable

from emulator.card.behaviour import CardBehaviour
from emulator.codec import ber_tlv
from onecard.spec.card import Application, CardSpec

ENVIRONMENT = "environment"


def repeats_file(application: Application) -> bool:
    """Whether the FCI repeats the content of a file, so that it must be made anew at each selection."""
    return any(each.file for each in application.fci.objects)


def file_control_information(
    application: Application,
    spec: CardSpec,
    behaviour: CardBehaviour,
    content: Callable[[str], bytes] = lambda file: b"",
) -> bytes:
    """The FCI: name, and for an environment its proprietary template (2011 draft, part 5, tables 36 to 38).

    An ADF has the template only where the data give it objects of its own (applications of other standards).
    ``content``: what a transparent file holds, for objects that repeat one.
    """
    objects = [ber_tlv(application.fci.name_tag, application.df_name)]
    templated = application.level == ENVIRONMENT or application.fci.objects
    if templated and application.fci.proprietary_tag is not None:
        # The template stands even where its two optional objects are both absent (table 36 marks only these optional).
        objects.append(ber_tlv(application.fci.proprietary_tag, _proprietary(application, spec, behaviour, content)))
    ordered = behaviour.fci_objects(application.id, tuple(objects))
    return behaviour.fci(application.id, ber_tlv(application.fci.template, b"".join(ordered)))


def _proprietary(
    application: Application, spec: CardSpec, behaviour: CardBehaviour, content: Callable[[str], bytes]
) -> bytes:
    fci = application.fci
    out = b""
    directory = spec.ics["card.directory_sfi"]
    if fci.directory_tag is not None and isinstance(directory, int) and directory:
        out += ber_tlv(fci.directory_tag, bytes([directory]))
    if fci.issuer_tag is not None and fci.algorithm_tag is not None and spec.ics["card.algorithm_identifier"]:
        identifier = behaviour.algorithm_identifier(spec.algorithm.identifier)
        out += ber_tlv(fci.issuer_tag, ber_tlv(fci.algorithm_tag, bytes([identifier])))
    return out + b"".join(
        ber_tlv(each.tag, each.value + (content(each.file) if each.file else b"")) for each in fci.objects
    )
