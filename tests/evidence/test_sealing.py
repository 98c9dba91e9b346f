import base64
import stat
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onecard.errors import UserError
from onecard.evidence import (
    NullSealer,
    Sealer,
    SealError,
    StillSealed,
    WrongKey,
    judged_digest,
    new_key,
    read_key,
    sm3_name,
    write_key,
)
from onecard.evidence.sealing import Region, merged

KEY = bytes(range(32))


@st.composite
def masked_data(draw: st.DrawFn) -> tuple[bytes, list[Region]]:
    data = draw(st.binary(max_size=60))
    offsets = st.integers(0, len(data))
    regions = draw(st.lists(st.tuples(offsets, offsets).map(lambda pair: (min(pair), max(pair))), max_size=4))
    return data, regions


@settings(max_examples=80, deadline=None)
@given(masked_data())
def test_what_is_masked_is_restored_and_not_shown(case: tuple[bytes, list[Region]]) -> None:
    data, regions = case
    sealer = Sealer(KEY)
    masked, sealed = sealer.mask(data, regions, "r")
    hidden = {at for start, end in regions for at in range(start, end)}
    for at, octet in enumerate(data):
        assert masked[2 * at : 2 * at + 2] == ("__" if at in hidden else f"{octet:02X}")
    assert sealer.restore(masked, sealed, "r") == data
    if hidden:
        with pytest.raises(StillSealed) as caught:
            NullSealer().restore(masked, sealed)
        assert caught.value.exit_code == 3
    else:
        assert NullSealer().restore(masked, sealed) == data


def test_the_commitment_is_salted_and_boxes_never_repeat() -> None:
    sealer = Sealer(KEY)
    one, two = sealer.seal(b"123456", "c"), sealer.seal(b"123456", "c")
    assert one["commitment"] != two["commitment"]
    assert one["box"] != two["box"]
    assert one["commitment"] != sm3_name(b"123456")
    assert sealer.unseal(one, "c") == sealer.unseal(two, "c") == b"123456"


def test_every_changed_byte_of_a_box_and_a_wrong_commitment_are_found() -> None:
    sealer = Sealer(KEY)
    seal = sealer.seal(b"1234", "c")
    box = base64.b64decode(seal["box"])
    for at in range(len(box)):
        changed = base64.b64encode(box[:at] + bytes([box[at] ^ 1]) + box[at + 1 :]).decode()
        with pytest.raises(SealError):
            sealer.unseal({**seal, "box": changed}, "c")
    for wrong in (None, "", "!!", "AAAA", 7):
        with pytest.raises(SealError, match="malformed"):
            sealer.unseal({**seal, "box": wrong}, "c")
    with pytest.raises(SealError, match="commitment"):
        sealer.unseal({**seal, "commitment": sm3_name(b"1234")}, "c")
    with pytest.raises(SealError, match="does not open"):
        sealer.unseal(seal, "r")
    with pytest.raises(SealError, match="does not open"):
        Sealer(new_key()).unseal(seal, "c")


def test_seals_that_do_not_fit_their_marks_are_refused() -> None:
    sealer = Sealer(KEY)
    masked, sealed = sealer.mask(bytes(8), [(2, 4)])
    assert masked == "0000____00000000"
    for at in ([0, 2], [2, 5], [4, 2], [2], "2-4", [2, 99], [True, 4]):
        with pytest.raises(SealError):
            sealer.restore(masked, [{**sealed[0], "at": at}])
    for text in ("0000____0000000", "0000____000000zz", "0000____000000aa", "0000__0000000000"):
        with pytest.raises(SealError):
            sealer.restore(text, sealed)
    with pytest.raises(SealError):
        sealer.restore(masked, [])
    with pytest.raises(SealError):
        sealer.restore(masked, sealed * 2)


def test_regions_are_joined_and_checked() -> None:
    assert merged([(4, 6), (1, 2), (2, 4), (3, 3)], 8) == ((1, 6),)
    for wrong in [(-1, 2), (3, 2), (0, 9)]:
        with pytest.raises(ValueError, match="outside"):
            merged([wrong], 8)


def test_the_judged_digest_of_a_sealed_run_cannot_be_guessed() -> None:
    assert judged_digest(None, b"123456") == sm3_name(b"123456")
    sealed = judged_digest(KEY, b"123456")
    assert sealed.startswith("hmac-sm3:")
    assert sealed == Sealer(KEY).judged_digest(b"123456")
    assert sealed != judged_digest(bytes(32), b"123456")


def test_the_wrong_key_is_known_before_a_box_is_opened() -> None:
    description = Sealer(KEY).describe()
    assert KEY.hex() not in str(description)
    Sealer(KEY).check_key(description)
    for other in (description, NullSealer().describe(), {}):
        with pytest.raises(WrongKey) as caught:
            Sealer(bytes(32)).check_key(other)
        assert caught.value.exit_code == 2


def test_a_document_is_committed_to() -> None:
    sealed = Sealer(KEY).commit(b"pin: 123456", "ixit")
    assert Sealer(KEY).unseal(sealed, "ixit") == b"pin: 123456"
    assert NullSealer().commit(b"text", "ixit") == {"digest": sm3_name(b"text")}


def test_the_key_file_is_for_its_owner_only_and_never_written_over(tmp_path: Path) -> None:
    path, key = tmp_path / "run.key", new_key()
    write_key(path, key)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert read_key(path) == key
    with pytest.raises(UserError, match=r"run\.key"):
        write_key(path, new_key())
    assert read_key(path) == key
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UserError):
        write_key(tmp_path / "link", key)
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.parametrize("content", [b"", b"xyz", b"00" * 31, b"00" * 33, b"\xff\xfe", b"-----BEGIN PRIVATE KEY-----"])
def test_a_file_that_is_no_key_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "run.key"
    path.write_bytes(content)
    with pytest.raises(UserError, match="64 hex digits"):
        read_key(path)
    with pytest.raises(UserError, match="absent"):
        read_key(tmp_path / "absent")


def test_a_key_of_wrong_length_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        Sealer(b"short")
