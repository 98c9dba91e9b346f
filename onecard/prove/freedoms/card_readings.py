"""The readings of the sources that the reference does not take: items, codes, historical bytes, the body's places.

Each entry of the data's readings and limits has its variant here, or stands in another file of freedoms. (Those of a
key's length and levels in a PSAM, and of what a terminal hands over, leave the card's answers as they are.)
"""

from collections.abc import Callable
from decimal import Decimal

from emulator.card.body import Body
from emulator.card.image import CardImage
from onecard.prove.freedoms.card import of_holder
from onecard.prove.freedoms.model import Freedom
from onecard.spec.card import CardSpec
from onecard.spec.card_measurements import Limits, quantities_of
from onecard.spec.text import Text

ISSUER_FILE, HOLDER_FILE = "SSSE/EF05", "SSSE/EF06"
IDENTIFICATION, NATION, EXTENSION = 0x01, 0x0B, 0x4E
LONG_NAME = 11
LATER = ("card-2.0", "card-3.0", "card-3.0-anhui")
HEAD = 2
Edit = Callable[[CardSpec, CardImage], None]


def _value(file: str, tag: int, change: Callable[[bytes], bytes]) -> Edit:
    def edit(_spec: CardSpec, image: CardImage) -> None:
        content = image.linear(file)
        place = content.identifiers.index(tag)
        record = content.records[place]
        content.write(place, record[:HEAD] + change(record[HEAD:]))

    return edit


def _dated_historical_bytes(_spec: CardSpec, image: CardImage) -> None:
    # T3 and T4: submitted in April 2011; T5: version 12 of the COS.
    image.historical = image.historical[:2] + bytes.fromhex("110412") + image.historical[5:]


def _at(pick: Callable[[Limits], Decimal]) -> Callable[[CardSpec, Body], None]:
    def edit(spec: CardSpec, body: Body) -> None:
        for name, quantity in quantities_of(spec).items():
            body[name] = [str(pick(quantity.readings[0]))]

    return edit


def _guard(limits: Limits) -> Decimal:
    # As the sheet of a proof states its uncertainty, and a little more.
    if limits.low is not None and limits.high is not None:
        return (limits.high - limits.low) / 30
    return abs(limits.low if limits.low is not None else limits.high or Decimal(0)) / 15


def _least(limits: Limits) -> Decimal:
    if limits.low is not None:
        return limits.low + _guard(limits)
    return Decimal(0) if limits.high is None or limits.high >= 0 else limits.high - _guard(limits)


def _most(limits: Limits) -> Decimal:
    if limits.high is not None:
        return max(Decimal(0), limits.high - _guard(limits)) if limits.high >= 0 else limits.high - _guard(limits)
    return (limits.low or Decimal(0)) * 10


def _other_places(spec: CardSpec, body: Body) -> None:
    for name, quantity in quantities_of(spec).items():
        if len(quantity.readings) > 1 and (nominal := quantity.readings[-1].nominal) is not None:
            body[name] = [str(nominal)]


FREEDOMS = (
    Freedom("card/pin-tries-15", Text("密码可试十五次", "the PIN has fifteen tries"), {"card.pin_try_limit": 15}),
    Freedom("card/pin-tries-10", Text("密码可试十次", "the PIN has ten tries"), {"card.pin_try_limit": 10}),
    Freedom(
        "card/name-extension-filled-with-f",
        Text("姓名扩展以半字节 F 填充", "the extension of the name is filled with nibbles F"),
        edit=_value(HOLDER_FILE, EXTENSION, lambda old: old.rstrip(b"\x00").ljust(len(old), b"\xff")),
        holder=LONG_NAME,
        ixit=of_holder(LONG_NAME),
        profiles=LATER,
    ),
    Freedom(
        "card/nation-97",
        Text("民族代码为 97", "the code of the ethnic group is 97"),
        edit=_value(HOLDER_FILE, NATION, lambda _: b"\x97"),
    ),
    Freedom(
        "card/serial-of-its-own",
        Text("识别码流水号与历史字节无关", "the serial of the identification code is not that of the historical bytes"),
        edit=_value(ISSUER_FILE, IDENTIFICATION, lambda old: old[:8] + bytes.fromhex("00A1B2C3") + old[12:]),
    ),
    Freedom(
        "card/computed-authentication-code",
        Text("识别码含认证码", "the identification code holds an authentication code"),
        edit=_value(ISSUER_FILE, IDENTIFICATION, lambda old: old[:12] + bytes.fromhex("5C0D3E71")),
    ),
    Freedom(
        "card/historical-date-of-test",
        Text("历史字节含送检日期与版本", "the historical bytes hold the date of the test and the version"),
        edit=_dated_historical_bytes,
    ),
    Freedom(
        "card/measured-at-the-least",
        Text("尺寸、电气与时序均在下限", "body, electrics and timing at their least"),
        body=_at(_least),
    ),
    Freedom(
        "card/measured-at-the-most",
        Text("尺寸、电气与时序均在上限", "body, electrics and timing at their most"),
        body=_at(_most),
    ),
    Freedom(
        "card/other-places-on-the-back",
        Text("背面各区按另一资料排布", "the areas of the back stand where the other source has them"),
        body=_other_places,
    ),
)
