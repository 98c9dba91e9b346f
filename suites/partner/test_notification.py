"""The partner calls the platform: the notification of a result, and what counts as its delivery."""

from collections.abc import Sequence

from onecard.oracle.envelope import EnvelopeError
from onecard.oracle.partner_client import Notification, Platform
from onecard.testing import Inconclusive, PartnerUnderTest, Reply, check, expect, for_each, verifies

ORDER = 140
NOT_DELIVERED = ("server-error", "html", "error")
NOT_OURS = ("unsigned", "wrong-signature", "other-message", "error")


def accepted(reply: Reply, platform: Platform[Reply]) -> None:
    """The activation before the notification; where it is refused that is its own requirement's fault."""
    ok = platform.spec.code("OK")
    expect(reply, "PARTNER-ACTIVATE").status(ok.status).json().field("code", ok.code)


def opened(partner: PartnerUnderTest, platform: Platform[Reply], most: int) -> list[Notification]:
    """The case's notifications, ``most`` of them; one that does not open fails."""
    try:
        return platform.notifications(most)
    except EnvelopeError as error:
        what = "a sealed notification"
        check(partner, False, what=what, expected=what, received=str(error))
        raise


def notified(
    partner: PartnerUnderTest, platform: Platform[Reply], count: int, most: int | None = None
) -> list[Notification]:
    """After a right activation: exactly ``count`` notifications, ``most`` being waited for."""
    accepted(platform.activate(), platform)
    found = opened(partner, platform, most or count)
    check(
        partner,
        len(found) == count,
        what="notifications",
        expected=str(count),
        received=str(len(found)) if found else "nothing came",
    )
    return found


def answers_were(platform: Platform[Reply], found: Sequence[Notification], right: Sequence[bool]) -> None:
    """That our side answered as the case needs it, recomputed from what it sent."""
    if [platform.our_answer_is_right(each) for each in found] != list(right):
        raise Inconclusive(zh="测试仪一侧的应答与预期不同", en="the tester's own side did not answer as intended")


@verifies("PARTNER-NOTIFY")
def test_result_is_notified(partner: PartnerUnderTest) -> None:
    """After an activation the result comes in the envelope: path, fields, signature, sequence number and card."""
    platform = Platform(partner, ("ok",))
    (found,) = notified(partner, platform, 1)
    what = "a notification by form, signed"
    try:
        platform.check_notification(found)
    except EnvelopeError as error:
        check(partner, False, what=what, expected=what, received=str(error))
    wanted = {key: platform.business[key] for key in ("busiSeq", "aaz500")}
    told = {key: found.data.get(key) for key in wanted}
    check(partner, told == wanted, what="business of the notification", expected=str(wanted), received=str(told))
    answers_were(platform, [found], [True])


@verifies("PARTNER-NOTIFY")
def test_each_business_is_notified(partner: PartnerUnderTest) -> None:
    """Two activations bring two notifications, one for each sequence number."""
    platform = Platform(partner, ("ok",))
    other = platform.holder()
    accepted(platform.activate(other), platform)
    found = notified(partner, platform, 1, 2)
    check(partner, len(found) == 1, what="notifications of the second", expected="1", received=str(len(found)))


@verifies("PARTNER-NOTIFY-FRESH")
def test_notification_is_fresh(partner: PartnerUnderTest) -> None:
    """Every attempt has a message id of its own and a time stamp within the window."""
    platform = Platform(partner, ("server-error", "ok"))
    found = notified(partner, platform, 2)
    ids = [str(each.message.get("msgId")) for each in found]
    relation = "different" if len(set(ids)) == 2 else "same"
    check(
        partner,
        relation == "different",
        what="message ids",
        expected="two, different",
        received=f"{relation}: {', '.join(ids)}",
    )
    for each in found:
        try:
            age = abs(platform.side.moment(each.message.get("timestamp")) - platform.now) // 1000
        except EnvelopeError as error:
            check(partner, False, what="time stamp", expected="a time stamp", received=str(error))
            raise
        window = platform.spec.timestamp.past
        check(partner, age <= window, what="age of a notification", expected=f"up to {window} s", received=f"{age} s")


@verifies("PARTNER-NOTIFY-RETRY")
@for_each("answer", NOT_DELIVERED)
def test_repeated_until_delivered(partner: PartnerUnderTest, answer: str) -> None:
    """After an error, a page of HTML or a refusal the same content is sent again, rightly signed."""
    platform = Platform(partner, (answer, "ok"))
    first, second = notified(partner, platform, 2)
    check(
        partner,
        first.data == second.data,
        what="content of the repetition",
        expected=str(first.data),
        received=str(second.data),
    )
    try:
        platform.check_notification(second)
    except EnvelopeError as error:
        check(partner, False, what="the repetition", expected="by form, signed", received=str(error))
    answers_were(platform, (first, second), (False, True))


@verifies("PARTNER-NOTIFY-RETRY")
def test_given_up(partner: PartnerUnderTest) -> None:
    """Where nothing is ever delivered the declared number of attempts is made, and no more."""
    platform = Platform(partner, ("server-error",))
    attempts = platform.spec.attempts
    found = notified(partner, platform, attempts, attempts + 1)
    answers_were(platform, found, [False] * attempts)


@verifies("PARTNER-NOTIFY-ANSWER")
@for_each("answer", NOT_OURS)
def test_answer_that_does_not_count(partner: PartnerUnderTest, answer: str) -> None:
    """An answer that is unsigned, wrongly signed, for another message, or a refusal is no delivery: it comes again."""
    platform = Platform(partner, (answer, "ok"))
    found = notified(partner, platform, 2)
    answers_were(platform, found, (False, True))


@verifies("PARTNER-NOTIFY-ONCE")
def test_delivered_once(partner: PartnerUnderTest) -> None:
    """A notification whose answer is right is not sent a second time."""
    platform = Platform(partner, ("ok",))
    found = notified(partner, platform, 1, 2)
    answers_were(platform, found, [True])
