"""Mistakes in the body of a card, as a laboratory measures them."""

from emulator.card.body import Body
from emulator.card.variant import VariantSpec
from emulator.mutants.model import Mutant
from onecard.spec.text import Text


def _measured(name: str, breaks: str, quantity: str, value: str, zh: str, en: str) -> Mutant:
    """A card of which one quantity has another value."""

    def edit(body: Body) -> None:
        if quantity in body:
            body[quantity] = [*body[quantity], value]

    return Mutant(f"card/lab-{name}", breaks, Text(zh, en), lambda _spec: VariantSpec(body=edit))


FACES = (
    _measured("wide", "CARD-STYLE-BLANK", "STYLE/BLANK/WIDTH", "85.90", "冲切模具磨损", "the die is worn"),
    _measured(
        "thick", "CARD-STYLE-BLANK", "STYLE/BLANK/THICKNESS", "0.87", "多压了一层膜", "one laminate layer too many"
    ),
    _measured(
        "emblem-low", "CARD-STYLE-FRONT", "STYLE/FRONT-EMBLEM/TOP", "45.00", "套印偏移", "the print is out of register"
    ),
    _measured(
        "name-left", "CARD-STYLE-FRONT", "STYLE/FRONT-NAME/LEFT", "19.00", "套印偏移", "the print is out of register"
    ),
    _measured(
        "onecard-low",
        "CARD-STYLE-ONECARD",
        "STYLE/FRONT-ONECARD/BOTTOM",
        "2.50",
        "取自其他地区的版式",
        "the layout is that of another region",
    ),
    _measured(
        "stripe-narrow", "CARD-STYLE-STRIPE", "STYLE/FRONT-STRIPE/TOP", "15.00", "磁条过窄", "the stripe is too narrow"
    ),
    _measured("red-faded", "CARD-STYLE-COLOUR", "COLOUR/EMBLEM", "6.2", "油墨批次不同", "another batch of ink"),
    _measured(
        "no-seal-area", "CARD-STYLE-BACK", "VISUAL/AREAS", "1", "旧版式漏印一个区域", "an old layout lacks an area"
    ),
    _measured(
        "photo-low",
        "CARD-STYLE-PHOTO",
        "STYLE/BACK-PHOTO/TOP",
        "6.00",
        "打印机送卡偏移",
        "the printer feeds the card askew",
    ),
    _measured(
        "photo-scaled",
        "CARD-STYLE-PHOTO",
        "STYLE/BACK-PHOTO/WIDTH",
        "19.00",
        "照片未按 1:1 打印",
        "the photo is not printed one to one",
    ),
    _measured(
        "text-right",
        "CARD-STYLE-INFORMATION",
        "STYLE/BACK-INFORMATION/LEFT",
        "25.00",
        "打印模板原点不同",
        "the printing form has another origin",
    ),
    _measured(
        "seal-small",
        "CARD-STYLE-SEAL",
        "STYLE/BACK-SEAL/RADIUS",
        "5.00",
        "印章图缩小",
        "the picture of the seal was scaled",
    ),
    _measured(
        "no-contactless-mark",
        "CARD-STYLE-CONTACTLESS",
        "VISUAL/CONTACTLESS",
        "1",
        "沿用单界面卡的版式",
        "the layout of cards with contacts only was kept",
    ),
    _measured(
        "no-stripe",
        "CARD-STYLE-STRIPE",
        "VISUAL/STRIPE",
        "1",
        "采购了无磁条的卡基",
        "blanks without stripe were bought",
    ),
    _measured(
        "no-words",
        "CARD-STYLE-ONECARD",
        "VISUAL/ONECARD",
        "1",
        "沿用社会保障卡的版式",
        "the layout of the social security card was kept",
    ),
    _measured(
        "other-number",
        "CARD-STYLE-PRINTED",
        "VISUAL/PRINTED",
        "1",
        "卡面与卡内数据错配",
        "face and chip were personalised from different rows",
    ),
    _measured(
        "onecard-words-low",
        "CARD-STYLE-ONECARD",
        "STYLE/FRONT-ONECARD/BOTTOM",
        "2.00",
        "套印偏移",
        "the print is out of register",
    ),
)
BODIES = (
    _measured(
        "warped",
        "CARD-PHYSICAL-WARPAGE",
        "PHYSICAL/WARPAGE",
        "1.80",
        "层压冷却过快",
        "cooled too fast after lamination",
    ),
    _measured(
        "climate",
        "CARD-PHYSICAL-CLIMATE",
        "PHYSICAL/CLIMATE-WARPAGE",
        "2.10",
        "各层膨胀系数不同",
        "layers expand differently",
    ),
    _measured(
        "peels",
        "CARD-PHYSICAL-PEEL",
        "PHYSICAL/PEEL-PHOTO",
        "2.9",
        "照片油墨妨碍层压",
        "the photo's ink keeps the layer from bonding",
    ),
    _measured("sticks", "CARD-PHYSICAL-BLOCKING", "PHYSICAL/BLOCKING", "2", "表面涂层过软", "the coating is too soft"),
    _measured("burr", "CARD-PHYSICAL-EDGE", "PHYSICAL/BURR", "0.09", "刀口磨损", "the blade is blunt"),
    _measured("stiff", "CARD-PHYSICAL-STIFFNESS", "PHYSICAL/STIFFNESS", "11.00", "基材过硬", "the core is too stiff"),
    _measured("bends", "CARD-PHYSICAL-BENDING", "PHYSICAL/BENDING", "740", "焊点断裂", "a bond breaks"),
    _measured("scratched", "CARD-PHYSICAL-APPEARANCE", "PHYSICAL/APPEARANCE", "1", "划痕", "a scratch"),
    _measured(
        "print-rubs-off", "CARD-PHYSICAL-PRINT", "PHYSICAL/PRINT-WEAR", "300", "未覆保护膜", "there is no overlay"
    ),
    _measured("humid", "CARD-PHYSICAL-HUMIDITY", "PHYSICAL/HUMIDITY", "30", "封装进水", "the module takes up water"),
    _measured(
        "sweat", "CARD-PHYSICAL-CHEMICALS", "PHYSICAL/SWEAT", "12", "触点镀层过薄", "the contacts' plating is too thin"
    ),
    _measured("module-high", "CARD-PHYSICAL-MODULE", "PHYSICAL/MODULE-HEIGHT", "0.08", "胶层过厚", "too much glue"),
    _measured(
        "module-loose",
        "CARD-PHYSICAL-MODULE",
        "PHYSICAL/MODULE-PULL",
        "62",
        "热熔胶温度不足",
        "the glue was not hot enough",
    ),
    _measured(
        "static", "CARD-PHYSICAL-ESD", "PHYSICAL/ESD", "2000", "缺少保护结构", "a protection structure is missing"
    ),
    _measured(
        "worn-out", "CARD-PHYSICAL-INSERTIONS", "PHYSICAL/INSERTIONS", "80000", "镀层磨损", "the plating wears off"
    ),
)
ELECTRICS = (
    _measured(
        "current",
        "CARD-ELECTRICAL-CURRENT",
        "ELECTRICAL/CURRENT-B",
        "55",
        "协处理器未降频",
        "the coprocessor does not slow down",
    ),
    _measured(
        "voltage",
        "CARD-ELECTRICAL-VOLTAGE",
        "ELECTRICAL/VOLTAGE-B-LOW",
        "2.85",
        "低压检测阈值过高",
        "the low-voltage detector is set too high",
    ),
    _measured(
        "clock",
        "CARD-ELECTRICAL-CLOCK",
        "ELECTRICAL/CLOCK-A-HIGH",
        "4.0",
        "芯片只按 4 MHz 验证",
        "the chip was qualified for 4 MHz only",
    ),
    _measured(
        "contacts",
        "CARD-ELECTRICAL-CONTACTS",
        "ELECTRICAL/CONTACT-RESISTANCE",
        "620",
        "触点氧化",
        "the contacts are oxidised",
    ),
    _measured(
        "atr-late", "CARD-ATR-TIMING", "TIMING/ATR-START", "41000", "上电自检过长", "the self-test takes too long"
    ),
    _measured(
        "atr-slow",
        "CARD-ATR-TIMING",
        "TIMING/ATR-GAP",
        "10500",
        "发送复位应答时读取闪存",
        "flash is read while the answer is sent",
    ),
    _measured(
        "waits",
        "CARD-T0-WAITING",
        "TIMING/T0-WAITING",
        "12000",
        "写闪存时不发 60",
        "no NULL byte is sent while flash is written",
    ),
    _measured("pps", "CARD-PPS-REPLY", "TIMING/PPS", "1", "PCK 计算错误", "PCK is computed wrongly"),
)
