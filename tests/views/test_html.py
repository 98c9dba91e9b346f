"""The HTML report: whole, self-contained, escaped, in two languages; and as a browser shows it."""

import re
import shutil
import subprocess
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path

import pytest

from onecard.spec.load import load_spec
from onecard.spec.text import Language
from onecard.views import render_html, write_html
from tests.views.samples import HOLDER_CASE, NUMBER, Recorder, header, passing_bundle, run_body, whole_bundle

SPEC = load_spec()
VOID = frozenset({"meta", "br", "link", "img", "input", "hr"})


class Page(HTMLParser):
    """Checks that elements close in order, and collects what the tests ask for."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: Counter[str] = Counter()
        self.references: list[str] = []
        self.ids: list[str] = []
        self.headings: list[int] = []
        self.words: list[str] = []
        self.scopeless: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        named = dict(attrs)
        self.references += [named[name] or "" for name in ("src", "href", "action", "data") if name in named]
        self.ids += [named["id"] or ""] if "id" in named else []
        if re.fullmatch(r"h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag == "th" and named.get("scope") not in ("col", "row"):
            self.scopeless.append(self.get_starttag_text() or "")
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_is_well_formed_and_stands_alone(tmp_path: Path, language: Language) -> None:
    text = render_html(whole_bundle(tmp_path / "run.bundle"), SPEC, language)
    page = Page(text)
    assert not page.open
    assert not page.references, "nothing is fetched from elsewhere"
    assert "@import" not in text
    assert "url(" not in text
    assert page.tags["script"] == 1
    assert len(page.ids) == len(set(page.ids))
    assert not page.scopeless
    assert page.headings[0] == 1
    assert all(after <= before + 1 for before, after in zip(page.headings, page.headings[1:], strict=False))
    assert f'data-lang="{language}"' in text


def test_it_says_everything_that_must_be_said(tmp_path: Path) -> None:
    words = " ".join("".join(Page(render_html(whole_bundle(tmp_path / "run.bundle"), SPEC, "en")).words).split())
    for phrase in (
        "不是法定的检测报告或合格证明",
        "not an official test report",
        "the issued text may differ",
        "no certificate is issued unless the verdict is pass",
        "sm3:" + "1" * 64,
        "sm3:" + "4" * 64,
        "non-destructive",
        "a third-generation card refuses to read the holder file",
        "field (2 programs)",
        "公开程序（2 个）",
        "READ RECORD identifier 08 (social security number), current EF06, first occurrence",
        'the read access rule of EF06 is "free"',
        "onecard replay run.bundle --from",
        "Differs from the project profile (does not decide)",
        "needs laboratory equipment",
        'the ICS does not satisfy card.generation < "3.0"',
        "card/blocking/test_pin_blocks",
        "not reached",
        "card.pin_try_limit",
    ):
        assert phrase in words, phrase


def test_names_are_escaped_and_sealed_values_absent(tmp_path: Path) -> None:
    text = render_html(whole_bundle(tmp_path / "run.bundle"), SPEC, "zh")
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert NUMBER.decode() not in text
    assert NUMBER.hex(" ").upper() not in text
    assert "\x07" not in text


def test_a_synthetic_run_is_marked(tmp_path: Path) -> None:
    text = render_html(passing_bundle(tmp_path / "run.bundle"), SPEC, "zh")
    assert "<title>符合性测试报告: 通过 (TEST)</title>" in text
    assert "TEST · " in text
    assert "数据全部为合成数据" in text
    assert "未通过与出错的用例" not in text


def test_an_unfinished_record_is_marked(tmp_path: Path) -> None:
    recorder = Recorder(
        tmp_path / "run.bundle", header(challenge={"issuer": "某监管方", "nonce": "CD" * 32}, independent=False)
    )
    recorder.writer.append("run", run_body())
    recorder.passing()
    text = render_html(recorder.close(complete=False), SPEC, "en")
    assert "<title>Conformance report: incomplete</title>" in text
    assert "incomplete record" in text
    assert "某监管方" in text
    assert "not which device answered" in text
    assert "calculations were not cross-checked" in text


def test_a_bundle_without_runs(tmp_path: Path) -> None:
    text = render_html(Recorder(tmp_path / "run.bundle").close(), SPEC, "en")
    assert "The evidence holds no run." in text
    assert not Page(text).open


@pytest.mark.browser
@pytest.mark.parametrize(("language", "shown", "hidden"), [("zh", "不通过", "fail"), ("en", "fail", "不通过")])
def test_a_browser_shows_it(tmp_path: Path, language: Language, shown: str, hidden: str) -> None:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("no Chromium here")
    page = tmp_path / "report.html"
    write_html(whole_bundle(tmp_path / "run.bundle"), SPEC, page, language)
    # What is visible is the browser's to say: a script at the end puts it into the title.
    probe = "<script>document.title = 'seen ' + document.querySelector('.marks').innerText.trim()</script></body>"
    page.write_text(page.read_text(encoding="utf-8").replace("</body>", probe), encoding="utf-8")
    command = [chromium, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / 'profile'}"]
    done = subprocess.run(
        [*command, "--virtual-time-budget=5000", "--dump-dom", page.as_uri()],
        capture_output=True, text=True, encoding="utf-8", timeout=120, check=True,
    )  # fmt: skip
    title = re.search(r"<title>(.*?)</title>", done.stdout, re.DOTALL)
    assert title is not None
    assert title[1].startswith("seen ")
    assert shown in title[1]
    assert hidden not in title[1]
    assert HOLDER_CASE in done.stdout
