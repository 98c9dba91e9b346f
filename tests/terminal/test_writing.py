"""Data of a writing: taken apart by the terminal, put together by the tester."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.codec import exact_value
from emulator.terminal.files import addressed, values_of
from emulator.terminal.installation import card_data, interface_data
from onecard.oracle.errors import EncodeError
from onecard.oracle.terminal_files import address_of
from onecard.oracle.terminal_writing import expected_value, write_data_of
from onecard.spec.terminal import terminal_spec

SPEC = terminal_spec(interface_data("terminal-default"))
CARD = card_data("card-3.0")
FILES = {"EF05": (0x05, 0x06, 0x07), "EF06": (0x08, 0x09, 0x0A, 0x0C)}
TEXTS = st.text(alphabet="0123456789ABXabx测试 \t\u00e9\U00020000", max_size=40)


@given(st.data())
def test_what_the_tester_writes_is_taken_apart(data: st.DataObject) -> None:
    files = data.draw(st.lists(st.sampled_from(sorted(FILES)), min_size=1, max_size=2, unique=True))
    asked = tuple(
        (file, tuple(data.draw(st.lists(st.sampled_from(FILES[file]), min_size=1, unique=True)))) for file in files
    )
    values = {tag: data.draw(TEXTS) for tags in FILES.values() for tag in tags}
    root = data.draw(st.sampled_from(SPEC.address.roots))
    wanted = addressed(SPEC.address, address_of(SPEC, asked, root))
    assert wanted is not None
    found = values_of(SPEC.address, write_data_of(SPEC, asked, root, values), wanted)
    assert found == [[values[tag] for tag in tags] for _, tags in asked]


@given(st.text(alphabet="SEF0569|$测", max_size=30))
def test_any_text_is_taken_or_refused(text: str) -> None:
    wanted = addressed(SPEC.address, "SSSEEF05|05|06|$SSSEEF06|09|$")
    assert wanted is not None
    found = values_of(SPEC.address, text, wanted)
    assert found is None or [len(part) for part in found] == [2, 1]


@given(tag=st.sampled_from([tag for tags in FILES.values() for tag in tags]), text=TEXTS)
def test_terminal_and_tester_code_alike(tag: int, text: str) -> None:
    """Two implementations: the bytes are the same, and what does not fit does not fit by either."""
    file = next(name for name, tags in FILES.items() if tag in tags)
    item = CARD.files[f"SSSE/{file}"].item(tag)
    coded = exact_value(item, text, CARD.padding)
    try:
        assert coded == expected_value(CARD, file, tag, text)
    except EncodeError:
        assert coded is None


@pytest.mark.parametrize("text", ["", "SSSEEF05|1|$", "SSSEEF05|1|2", "SSSEEF05|1|2|3|$", "SSSEEF06|1|2|$"])
def test_data_of_another_structure(text: str) -> None:
    wanted = addressed(SPEC.address, "SSSEEF05|05|06|$")
    assert wanted is not None
    assert values_of(SPEC.address, text, wanted) is None
