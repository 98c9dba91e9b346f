"""OpenSSL on the command line as the third opinion on the oracle's primitives and on the vectors."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from onecard.oracle import sm2
from onecard.oracle.blocks import BLOCK_SIZE, Algorithm, encrypt_block
from onecard.oracle.sm3 import sm3

VECTORS = Path(__file__).parents[2] / "vectors"
pytestmark = pytest.mark.openssl

SM2_KEY_HEADER = bytes.fromhex("3059301306072a8648ce3d020106082a811ccf5501822d034200")
"""SubjectPublicKeyInfo of an SM2 key up to the point 04, x, y."""


def openssl(*arguments: str, data: bytes) -> bytes:
    program = shutil.which("openssl")
    if program is None:
        pytest.skip("openssl is not installed")
    return subprocess.run([program, *arguments], input=data, capture_output=True, check=True).stdout


def ecb(algorithm: Algorithm, key: bytes, block: bytes) -> bytes:
    cipher, long_key = ("-sm4-ecb", key) if algorithm is Algorithm.SM4 else ("-des-ede", (key * 2)[:16])
    return openssl("enc", cipher, "-nopad", "-K", long_key.hex(), data=block)


def vectors_of(name: str, result: str) -> list[Any]:
    groups = json.loads((VECTORS / f"{name}.json").read_text(encoding="utf-8"))["testGroups"]
    return [(group.get("algorithm"), test) for group in groups for test in group["tests"] if test["result"] == result]


@pytest.mark.parametrize("size", [0, 1, 55, 56, 64, 119, 1000])
def test_sm3(size: int) -> None:
    message = bytes(index * 31 % 256 for index in range(size))
    assert openssl("dgst", "-sm3", "-binary", data=message) == sm3(message)


@pytest.mark.parametrize("algorithm", list(Algorithm))
@pytest.mark.parametrize("seed", range(4))
def test_block(algorithm: Algorithm, seed: int) -> None:
    size = BLOCK_SIZE[algorithm]
    key, block = sm3(bytes([seed, 1]))[:16], sm3(bytes([seed, 2]))[:size]
    assert ecb(algorithm, key, block) == encrypt_block(algorithm, key, block)


@pytest.mark.parametrize(("algorithm", "test"), vectors_of("3des", "valid") + vectors_of("sm4", "valid"))
def test_block_vectors(algorithm: str, test: dict[str, str]) -> None:
    made = ecb(Algorithm(algorithm), bytes.fromhex(test["key"]), bytes.fromhex(test["msg"]))
    assert made.hex() == test["ct"]


@pytest.mark.parametrize(("algorithm", "test"), vectors_of("diversification", "valid"))
def test_diversification_vectors(algorithm: str, test: dict[str, Any]) -> None:
    key = bytes.fromhex(test["rootKey"])
    for factor in map(bytes.fromhex, test["factors"]):
        key = ecb(Algorithm(algorithm), key, factor + bytes(255 - octet for octet in factor))
    assert key.hex() == test["key"]


@pytest.mark.parametrize(("algorithm", "test"), vectors_of("session-key", "valid"))
def test_session_key_vectors(algorithm: str, test: dict[str, str]) -> None:
    chosen = Algorithm(algorithm)
    random = bytes.fromhex(test["random"]).ljust(BLOCK_SIZE[chosen], b"\x00")
    assert ecb(chosen, bytes.fromhex(test["key"]), random).hex() == test["session"]


@pytest.mark.parametrize(("algorithm", "test"), vectors_of("authentication-data", "valid"))
def test_authentication_data_vectors(algorithm: str, test: dict[str, str]) -> None:
    chosen = Algorithm(algorithm)
    block = ecb(
        chosen, bytes.fromhex(test["session"]), bytes.fromhex(test["original"]).ljust(BLOCK_SIZE[chosen], b"\x00")
    )
    left, right = int.from_bytes(block[:8]), int.from_bytes(block[8:])
    assert (left ^ right).to_bytes(8).hex() == test["authentication"]


@pytest.mark.parametrize(("algorithm", "test"), vectors_of("mac", "valid"))
def test_mac_vectors(algorithm: str, test: dict[str, str]) -> None:
    size = BLOCK_SIZE[Algorithm(algorithm)]
    message = bytes.fromhex(test["msg"]) + b"\x80"
    message += bytes(-len(message) % size)
    cipher, key = ("-sm4-cbc", test["session"]) if algorithm == "sm4" else ("-des-ede-cbc", test["session"] * 2)
    last = openssl("enc", cipher, "-nopad", "-K", key, "-iv", test["iv"], data=message)[-size:]
    words = [int.from_bytes(last[start : start + 4]) for start in range(0, size, 4)]
    folded = words[0] if algorithm == "3des" else words[0] ^ words[1] ^ words[2] ^ words[3]
    assert folded.to_bytes(4).hex() == test["mac"]


@pytest.mark.parametrize(("algorithm", "test"), vectors_of("encipherment", "valid"))
def test_encipherment_vectors(algorithm: str, test: dict[str, str]) -> None:
    chosen = Algorithm(algorithm)
    plain = bytes.fromhex(test["plain"])
    counted = bytes([len(plain)]) + plain
    if len(counted) % BLOCK_SIZE[chosen]:
        counted += b"\x80" + bytes(-(len(counted) + 1) % BLOCK_SIZE[chosen])
    assert ecb(chosen, bytes.fromhex(test["session"]), counted).hex() == test["ct"]


def sm2_verifies(folder: Path, test: dict[str, str]) -> bool:
    point = bytes.fromhex(test["publicKey"])
    r, s = bytes.fromhex(test["sig"][:64]), bytes.fromhex(test["sig"][64:])
    integers = b"".join(b"\x02" + bytes([len(body)]) + body for body in map(der_integer, (r, s)))
    files = {"key": SM2_KEY_HEADER + point, "sig": b"\x30" + bytes([len(integers)]) + integers}
    files["msg"] = bytes.fromhex(test["msg"])
    for name, content in files.items():
        (folder / name).write_bytes(content)
    identity = f"hexdistid:{test['identity']}"
    program = shutil.which("openssl") or pytest.skip("openssl is not installed")
    done = subprocess.run(
        [program, "dgst", "-sm3", "-keyform", "DER", "-verify", "key", "-sigopt", identity, "-signature", "sig", "msg"],
        cwd=folder,
        capture_output=True,
        check=False,
    )
    return done.returncode == 0


def der_integer(magnitude: bytes) -> bytes:
    body = magnitude.lstrip(b"\x00") or b"\x00"
    return body if body[0] < 0x80 else b"\x00" + body


@pytest.mark.parametrize("test", [test for _, test in vectors_of("sm2", "valid") if test["identity"]])
def test_sm2_valid_vectors(test: dict[str, str], tmp_path: Path) -> None:
    assert sm2_verifies(tmp_path, test)


@pytest.mark.parametrize("test", [test for _, test in vectors_of("sm2", "invalid") if len(test["sig"]) == 128])
def test_sm2_invalid_vectors(test: dict[str, str], tmp_path: Path) -> None:
    assert not sm2_verifies(tmp_path, test)


def test_sm2_signature_of_the_oracle(tmp_path: Path) -> None:
    private_key = sm3(b"a test key of the oracle's own")
    public_key = sm2.public_key_of(private_key)
    signature = sm2.sign(private_key, b"message", b"somebody else", sm3(b"k for this one test"))
    test = {"publicKey": "04" + public_key.octets.hex(), "sig": signature.hex(), "msg": b"message".hex()}
    assert sm2_verifies(tmp_path, test | {"identity": b"somebody else".hex()})
    assert not sm2_verifies(tmp_path, test | {"identity": sm2.DEFAULT_ID.hex()})


@pytest.mark.parametrize(("algorithm", "test"), vectors_of("check-value", "valid"))
def test_check_values(algorithm: str, test: dict[str, str]) -> None:
    chosen = Algorithm(algorithm)
    assert ecb(chosen, bytes.fromhex(test["key"]), bytes(BLOCK_SIZE[chosen]))[:3].hex() == test["check"]


@pytest.mark.parametrize(("algorithm", "test"), vectors_of("key-components", "valid"))
def test_components(algorithm: str, test: dict[str, Any]) -> None:
    chosen, key = Algorithm(algorithm), 0
    for component in test["components"]:
        key ^= int(component, 16)
    assert f"{key:032x}" == test["key"]
    assert ecb(chosen, key.to_bytes(16), bytes(BLOCK_SIZE[chosen]))[:3].hex() == test["check"]


@pytest.mark.parametrize(("algorithm", "test"), vectors_of("psam-session", "valid"))
def test_psam_sessions(algorithm: str, test: dict[str, Any]) -> None:
    chosen, key = Algorithm(algorithm), bytes.fromhex(test["rootKey"])
    size = BLOCK_SIZE[chosen]
    for factor in map(bytes.fromhex, test["factors"]):
        key = ecb(chosen, key, factor + bytes(255 - octet for octet in factor))
    session = ecb(chosen, key, bytes.fromhex(test["random"]).ljust(size, b"\x00"))
    data = bytes.fromhex(test["data"])
    if test["does"] == "encipher":
        assert ecb(chosen, session, data).hex() == test["answer"]
        return
    cipher, long_key = ("-sm4-cbc", session.hex()) if algorithm == "sm4" else ("-des-ede-cbc", session.hex() * 2)
    last = openssl("enc", cipher, "-nopad", "-K", long_key, "-iv", data[:size].hex(), data=data[size:])[-size:]
    words = [int.from_bytes(last[start : start + 4]) for start in range(0, size, 4)]
    folded = words[0] if algorithm == "3des" else words[0] ^ words[1] ^ words[2] ^ words[3]
    assert test["answer"].startswith(folded.to_bytes(4).hex())


@pytest.mark.parametrize(("algorithm", "test"), vectors_of("psam-key-loading", "valid"))
def test_psam_key_loading(algorithm: str, test: dict[str, str]) -> None:
    chosen, own = Algorithm(algorithm), bytes.fromhex(test["ownKey"])
    size, plain = BLOCK_SIZE[chosen], bytes.fromhex(test["plain"])
    counted = bytes([len(plain)]) + plain
    if len(counted) % size:
        counted += b"\x80"
        counted += bytes(-len(counted) % size)
    enciphered = ecb(chosen, own, counted)
    covered = bytes.fromhex(test["header"]) + bytes([len(enciphered) + 4]) + enciphered + b"\x80"
    covered += bytes(-len(covered) % size)
    chain = bytes.fromhex(test["challenge"]).ljust(size, b"\x00")
    for start in range(0, len(covered), size):
        # 8-byte blocks: single DES under the left half, and the whole key for the last block alone.
        key = own if algorithm == "sm4" or start + size == len(covered) else own[:8]
        mixed = int.from_bytes(chain) ^ int.from_bytes(covered[start : start + size])
        chain = ecb(chosen, key, mixed.to_bytes(size))
    words = [int.from_bytes(chain[start : start + 4]) for start in range(0, size, 4)]
    folded = words[0] if algorithm == "3des" else words[0] ^ words[1] ^ words[2] ^ words[3]
    head = test["header"] + f"{len(enciphered) + 4:02x}"
    assert test["command"] == head + enciphered.hex() + folded.to_bytes(4).hex()
