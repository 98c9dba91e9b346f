"""Reading a card from the first application to the last."""

from collections.abc import Callable, Iterator

from onecard.harness.context import KeySource, historical_in
from onecard.planning.declaration import no_ixit
from onecard.planning.keysource import key_source
from onecard.show.balances import balances
from onecard.show.contents import record_items, transparent_items
from onecard.show.detect import NEWEST, detected, widest
from onecard.show.model import ShownApplication, ShownCard, ShownFile, ShownItem
from onecard.show.session import REFUSED_BY_READER, Answer, CardSession
from onecard.spec.card import CardSpec, FileSpec, Structure
from onecard.spec.card_directory import directory_of
from onecard.spec.load import Spec
from onecard.spec.text import Text
from onecard.targets.base import CardTarget

ROOT = "SSSE"
NOT_FOUND = (0x6A82, 0x6A88)
PAST_THE_LAST = (0x6A83, 0x6A82)
PIECE = 0xE0
BY_NUMBER = 4
MOST_RECORDS = 254


def read_card(target: CardTarget, spec: Spec, profile: str | None, keys: Callable[[CardSpec], KeySource]) -> ShownCard:
    """Read what a connected card gives. ``profile`` None: by what the card says of itself.

    ``keys``: from the data of the card to the key source. Raises SpecError for an unknown profile, TargetError where
    the card stops answering.
    """
    atr = target.power_on()
    card = widest(spec, profile or NEWEST)
    historical = historical_in(atr, card.atr.historical_length)
    first = CardSession(target, card, key_source(no_ixit(), card), historical)
    chosen = profile or detected(spec, first)
    card = widest(spec, chosen, first.select(ROOT).data)
    session = CardSession(target, card, keys(card), historical)
    shown = ShownCard(target=target.description, atr=atr, profile=chosen, notes=session.notes)
    for application in sorted(card.applications, key=lambda name: _place(card, name)):
        _read_application(session, application, shown)
    return shown


def _place(card: CardSpec, application: str) -> tuple[bool, list[int]]:
    # The social security environment first, and every environment before the applications in it.
    order, lineage = list(card.applications), card.lineage(application)
    return ROOT not in lineage, [order.index(each) for each in reversed(lineage)]


def _read_application(session: CardSession, application: str, shown: ShownCard) -> None:
    found = session.spec.applications[application]
    if not session.select(application).ok:
        shown.absent.append(application)
        return
    spec = session.spec
    directory = directory_of(spec)
    listing = [directory.file] if directory is not None else []
    files = [file for file in (*listing, *spec.files.values()) if file.application == application]
    read = [each for each in (_read_file(session, file) for file in files) if each is not None]
    balance = balances(session, application)
    if balance is not None:
        read.append(balance)
    shown.applications.append(ShownApplication(application, found.name, found.df_name, tuple(read)))


def _read_file(session: CardSession, file: FileSpec) -> ShownFile | None:
    """None: the card does not have the file."""
    if file.structure == Structure.INTERNAL:
        return ShownFile(file.id, file.name, why_not=Text("内部文件，不可读", "an internal file, never read"))
    missing = session.prove(file.read)
    selected = session.select_file(file.fid)
    if selected.sw in NOT_FOUND:
        return None
    if not selected.ok:
        return ShownFile(file.id, file.name, why_not=session.why(selected, missing))
    items, last = _transparent(session, file) if file.structure == Structure.TRANSPARENT else _records(session, file)
    if items:
        return ShownFile(file.id, file.name, items)
    if last.sw in PAST_THE_LAST:
        return ShownFile(file.id, file.name)
    return ShownFile(file.id, file.name, why_not=session.why(last, missing))


def _records(session: CardSession, file: FileSpec) -> tuple[tuple[ShownItem, ...], Answer]:
    found: list[ShownItem] = []
    answer = Answer(b"", REFUSED_BY_READER)
    for number in range(1, MOST_RECORDS + 1):
        answer = session.send(session.apdu.read_record(number, BY_NUMBER))
        if not answer.ok:
            break
        found.extend(record_items(session.spec, file, number, answer.data))
    return tuple(found), answer


def _transparent(session: CardSession, file: FileSpec) -> tuple[tuple[ShownItem, ...], Answer]:
    octets, answer = b"", Answer(b"", REFUSED_BY_READER)
    for start, length in _pieces(file.size):
        answer = session.send(session.apdu.read_binary(start, length))
        if not answer.ok:
            break
        octets += answer.data
        if len(answer.data) < length:
            break
    return (transparent_items(session.spec, file, octets) if octets else ()), answer


def _pieces(size: int) -> Iterator[tuple[int, int]]:
    for start in range(0, size, PIECE):
        yield start, min(PIECE, size - start)
