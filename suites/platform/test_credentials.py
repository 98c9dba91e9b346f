"""Who calls: institution and key."""

from onecard.oracle.platform_calls import Desk
from onecard.testing import Inconclusive, PlatformUnderTest, expect, for_each, verifies

ORDER = 10

# None: the header is left out.
WRONG = ("no-headers", "no-key", "no-institution", "empty-key", "another-key", "cut", "extended", "case", "scheme")


def spoilt(kind: str, org: str, key: str, other: str) -> dict[str, str]:
    """Headers with one thing wrong."""
    return {
        "no-headers": {},
        "no-key": {"x-org-id": org},
        "no-institution": {"authorization": f"Bearer {key}"},
        "empty-key": {"x-org-id": org, "authorization": "Bearer"},
        "another-key": {"x-org-id": org, "authorization": f"Bearer {other}"},
        "cut": {"x-org-id": org, "authorization": f"Bearer {key[:-1]}"},
        "extended": {"x-org-id": org, "authorization": f"Bearer {key}0"},
        "case": {"x-org-id": org, "authorization": f"Bearer {key.swapcase()}"},
        "scheme": {"x-org-id": org, "authorization": f"Basic {key}"},
    }[kind]


@verifies("PLATFORM-CREDENTIAL")
@for_each("kind", WRONG)
def test_wrong_credentials(platform: PlatformUnderTest, kind: str) -> None:
    """Every operation refuses a call whose institution or key is missing or wrong, before it looks at anything else."""
    desk = Desk(platform, Inconclusive)
    roles = list(desk.data.roles)
    institution, other = desk.institution(roles[0]), desk.institution(roles[-1])
    headers = spoilt(kind, institution["id"], institution["key"], other["key"])
    refusal = desk.data.error("unauthorized")
    for operation in desk.interface.operations.values():
        body = desk.body(desk.good("card-query"), desk.card("normal").card_no, desk.fresh(), None)
        sent = body if operation.request is not None else None
        reply = platform.request(operation.method, operation.path, json=sent, headers=headers)
        expect(reply).refused(refusal.status, code=refusal.code)


@verifies("PLATFORM-CREDENTIAL")
def test_unknown_institution(platform: PlatformUnderTest) -> None:
    """An institution that does not exist is refused like a wrong key, and nothing tells them apart."""
    desk = Desk(platform, Inconclusive)
    institution = desk.institution(next(iter(desk.data.roles)))
    refusal = desk.data.error("unauthorized")
    unknown = desk.send("listCardStates", {"id": "ZZ-NOBODY", "key": institution["key"]})
    expect(unknown).refused(refusal.status, code=refusal.code)
    wrong = desk.send("listCardStates", {"id": institution["id"], "key": "0" * len(institution["key"])})
    expect(wrong).refused(refusal.status, code=refusal.code).field("message", unknown.find("message"))


@verifies("PLATFORM-CREDENTIAL")
def test_right_credentials(platform: PlatformUnderTest) -> None:
    """Each declared institution that is not suspended gets the code table with its own key."""
    desk = Desk(platform, Inconclusive)
    for role in desk.data.roles:
        expect(desk.send("listCardStates", desk.institution(role))).status(200).json()
