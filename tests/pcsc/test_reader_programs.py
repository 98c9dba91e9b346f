"""Published reader programs' sequences through a real PC/SC service and the virtual reader."""

import pytest

from emulator.card.factory import reference_card
from emulator.persons import person
from onecard.oracle.codec import name_decode
from onecard.oracle.session import rules_of
from onecard.spec.load import load_spec
from tests.pcsc.conftest import Emulate
from tests.support.programs import PROGRAMS, Reader, account_number

pytestmark = pytest.mark.pcsc


@pytest.mark.parametrize("profile", ["card-2.0", "card-3.0-anhui"])
def test_every_program(emulated: Emulate, profile: str) -> None:
    from smartcard.CardConnection import CardConnection
    from smartcard.System import readers

    spec = load_spec().card_of_profile(profile)
    key = reference_card(profile).image.keys["RKSSSE"][1] if profile != "card-2.0" else None
    someone = person("onecard", 0)
    with emulated("--profile", profile):
        connection = readers()[0].createConnection()

        def transmit(command: bytes) -> bytes:
            data, first, second = connection.transmit(list(command))
            return bytes((*data, first, second))

        for name, program in PROGRAMS.items():
            connection.connect(CardConnection.T0_protocol)
            try:
                found = program(Reader(transmit, rules_of(spec), key))
            finally:
                connection.disconnect()
            assert name_decode(found[0x09], found[0x4E]) == someone.name, name
            assert found[0x08].decode("ascii").startswith(someone.number_body), name
        connection.connect(CardConnection.T0_protocol)
        try:
            assert account_number(Reader(transmit, rules_of(spec), key)).isdecimal()
        finally:
            connection.disconnect()
