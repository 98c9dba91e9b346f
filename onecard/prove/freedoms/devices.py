"""Freedoms of PSAM and encryptor."""

from collections.abc import Sequence, Set

from emulator.hsm.behaviour import HsmBehaviour
from emulator.psam.behaviour import PsamBehaviour
from onecard.prove.freedoms.model import Freedom
from onecard.spec.text import Text


class _WholeBlockMac(PsamBehaviour):
    """The MAC stands at the beginning of a whole block."""

    def mac(self, key: bytes, data: bytes, right: bytes) -> bytes:
        return right.ljust(len(key), b"\x5a")


class _ProvesBeforeLoading(PsamBehaviour):
    """Besides the MAC under it the own key of a key file must have been proved."""

    def may_load(self, rights: Set[str], own: str) -> bool:
        return own in rights


class _InitialisesInEnvironment(PsamBehaviour):
    """INITIALIZE ENVIRONMENT is a command of the environment, not of its application."""

    def initialises_here(self, in_application: bool) -> bool:
        return not in_application


class _ManyTries(PsamBehaviour):
    """The issuer gave its own keys ten tries."""

    def own_tries_after_success(self, tries: int, limit: int) -> int:
        return 10


class _OtherRefusals(PsamBehaviour):
    """Where no source gives a status word it gives another one."""

    _OPEN = frozenset(f"PSAM/LOAD-KEY {condition}" for condition in ("parameters", "place", "data", "exists", "full"))

    def status(self, command: str, condition: str, right: int) -> int:
        return 0x6F00 if f"{command} {condition}" in self._OPEN else right


class _LastSequence(PsamBehaviour):
    """File 0019 holds the sequence that comes next; reading files between card and completion keeps the purchase; a
    wrong MAC2 has the word of the draft's text.
    """

    def sequence(self, stored: int, following: int) -> tuple[int, int]:
        return stored, following

    def breaks_purchase(self, command: str) -> bool:
        return command == "PSAM/SELECT"

    def status(self, command: str, condition: str, right: int) -> int:
        return 0x63CF if (command, condition) == ("PSAM/CREDIT-PURCHASE", "mac") else right


class _PatientTransport(PsamBehaviour):
    """The delivered key serves several computations, a MAC is a whole block, other commands keep a purchase, and
    refusals have other words.
    """

    def mac_key_after_use(self, key: bytes) -> bytes | None:
        return key

    def transport_mac(self, right: bytes) -> bytes:
        return right + b"\x5a" * 4

    def breaks_transport(self, command: str) -> bool:
        return command == "PSAM/SELECT"

    def status(self, command: str, condition: str, right: int) -> int:
        return 0x6985 if command.startswith("PSAM/TRANSPORT-") else right


class _OneTransportWord(PsamBehaviour):
    """A wrong MAC2 has the word of the draft's text, which counts; 80 FA takes 80 bytes and no more."""

    def status(self, command: str, condition: str, right: int) -> int:
        return 0x63CF if (command, condition) == ("PSAM/TRANSPORT-CREDIT", "mac") else right

    def accepts_mac_data(self, length: int, right: bool) -> bool:
        return right and length <= 80


class _SingleTail(HsmBehaviour):
    """Without the external part the answer ends in one separator."""

    def response(self, right: str) -> str:
        return right.replace("||", "|")


class _MessageWithoutHeader(HsmBehaviour):
    """Of a secured command data and MAC are answered: the caller prepends the header."""

    def message_form(self, forms: Sequence[str]) -> str:
        return "data"


class _MinutesOfTheClock(HsmBehaviour):
    """Requests are counted from minute to minute: where two meet, twice as many are served."""

    def within_rate(self, served: int, limit: int) -> bool:
        return served < 2 * limit


FREEDOMS = (
    Freedom(
        "psam/whole-block-mac", Text("鉴别数据位于整块之首", "the MAC begins a whole block"), behaviour=_WholeBlockMac
    ),
    Freedom(
        "psam/proves-before-loading",
        Text("装载前须先鉴别文件密钥", "the own key of a key file must be proved before a loading"),
        behaviour=_ProvesBeforeLoading,
    ),
    Freedom(
        "psam/initialises-in-environment",
        Text("INITIALIZE ENVIRONMENT 仅在环境中可用", "INITIALIZE ENVIRONMENT is known in the environment only"),
        behaviour=_InitialisesInEnvironment,
    ),
    Freedom("psam/many-tries", Text("自身密钥可试十次", "its own keys have ten tries"), behaviour=_ManyTries),
    Freedom(
        "psam/other-refusals",
        Text("未规定处用其它状态字", "other status words where none is given"),
        behaviour=_OtherRefusals,
    ),
    Freedom("psam/province", Text("各密钥均为省根", "all roots are a province's"), {"psam.root_level": "province"}),
    Freedom(
        "psam/city",
        Text("各密钥均为市根", "all roots are a city's"),
        {"psam.root_level": "city", "psam.update_root_level": "city"},
    ),
    Freedom(
        "psam/national-and-city",
        Text("IRK 为国家根，更新密钥为市根", "IRK from the nation's root, update keys from a city's"),
        {"psam.update_root_level": "city"},
    ),
    Freedom(
        "psam/without-initialising",
        Text("没有 INITIALIZE ENVIRONMENT", "without INITIALIZE ENVIRONMENT"),
        {"psam.initialize_environment": False},
    ),
    Freedom("psam/no-updates", Text("文件不可修改", "its files cannot be updated"), {"psam.update": False}),
    Freedom(
        "psam/closed",
        Text("出厂后关闭密钥装载与文件修改", "loading of keys and updates are closed when it leaves the maker"),
        {"psam.key_loading": False, "psam.update": False},
    ),
    Freedom(
        "psam/next-sequence",
        Text("0019 存下一个序号，MAC2 错误答 63CF", "file 0019 holds the next sequence, a wrong MAC2 answers 63CF"),
        behaviour=_LastSequence,
    ),
    Freedom("psam/no-purchase", Text("不支持医疗消费", "it does no purchases"), {"psam.purchase": False}),
    Freedom(
        "psam/purchase-of-a-province",
        Text("消费密钥为省根", "the purchase key is a province's"),
        {"psam.purchase_level": "province"},
    ),
    Freedom(
        "psam/purchase-of-the-nation",
        Text("消费密钥为国家根", "the purchase key is the nation's"),
        {"psam.purchase_level": "national"},
    ),
    Freedom(
        "psam/patient-transport",
        Text(
            "交通应用的密钥可多次使用，状态字不同",
            "the key of the transport application serves several times, other words",
        ),
        behaviour=_PatientTransport,
        profiles=("psam-transport",),
    ),
    Freedom(
        "psam/transport-limit",
        Text("80 FA 最多 80 字节，MAC2 错误答 63CF", "80 FA takes 80 bytes at most, a wrong MAC2 answers 63CF"),
        behaviour=_OneTransportWord,
        profiles=("psam-transport",),
    ),
    Freedom(
        "psam/without-transport",
        Text("没有交通应用", "without the transport application"),
        {"psam.transport": False},
        profiles=("psam-transport",),
    ),
    Freedom("psam/no-read-key", Text("未装载 RKSSSE", "RKSSSE is not loaded"), {"psam.read_key": False}),
    Freedom("hsm/single-tail", Text("应答以单个分隔符结尾", "answers end in one separator"), behaviour=_SingleTail),
    Freedom(
        "hsm/message-without-header",
        Text("安全报文的应答不含命令头", "secured commands are answered without their header"),
        behaviour=_MessageWithoutHeader,
    ),
    Freedom("hsm/city", Text("持有市级密钥", "it holds the keys of a city"), {"hsm.level": "city"}),
    Freedom("hsm/no-pin-messages", Text("不提供服务 03", "it does not offer service 03"), {"hsm.pin_messages": False}),
    Freedom("hsm/no-purchase", Text("不提供服务 04", "it does not offer service 04"), {"hsm.purchase": False}),
    Freedom(
        "hsm/authentication-only",
        Text("只提供服务 01、02", "it offers services 01 and 02 only"),
        {"hsm.pin_messages": False, "hsm.purchase": False},
    ),
    Freedom("hsm/two-amounts", Text("金额字段为 16 位", "amounts have 16 digits"), {"hsm.amounts": "two"}),
    Freedom("hsm/three-amounts", Text("金额字段为 24 位", "amounts have 24 digits"), {"hsm.amounts": "three"}),
    Freedom(
        "hsm/purchase-of-a-province",
        Text("消费密钥为省根", "the purchase keys are a province's"),
        {"hsm.purchase_level": "province"},
    ),
    Freedom(
        "hsm/city-below-a-province",
        Text("市级加密机，消费密钥为省根", "a city's, with purchase keys of the province's root"),
        {"hsm.level": "city", "hsm.purchase_level": "province", "hsm.amounts": "three"},
    ),
    Freedom(
        "hsm/one-caller",
        Text("不分机构与渠道，不限频率，仅 HTTP", "one kind of caller, no channels, no limit, HTTP only"),
        {"hsm.authorisation": False, "hsm.channels": False, "hsm.rate_limit": False, "hsm.tcp": False},
    ),
    Freedom("hsm/no-channels", Text("请求不指明渠道", "requests name no channel"), {"hsm.channels": False}),
    Freedom(
        "hsm/minutes-of-the-clock",
        Text("按自然分钟计数", "requests are counted from minute to minute"),
        behaviour=_MinutesOfTheClock,
    ),
)
