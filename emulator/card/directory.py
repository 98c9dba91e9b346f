"""The directory file: which applications of the card it lists, and how."""

from emulator.codec import ber_tlv
from onecard.spec.card import Application, CardSpec
from onecard.spec.card_directory import Directory, directory_of

ENVIRONMENT = "environment"


def directory_entries(spec: CardSpec) -> list[bytes]:
    """One entry for each application under the directory's environment; none where the card declares no directory."""
    directory = directory_of(spec)
    if directory is None:
        return []
    return [
        _entry(directory, application)
        for application in spec.applications.values()
        if application.parent == directory.environment and application.df_name
    ]


def _entry(directory: Directory, application: Application) -> bytes:
    objects = ber_tlv(directory.name_tag, application.df_name)
    if application.level != ENVIRONMENT and application.label:
        objects += ber_tlv(directory.label_tag, application.label.encode("gbk"))
    return ber_tlv(directory.entry_tag, objects)
