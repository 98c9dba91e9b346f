"""Views of a run: JUnit XML, Allure results, an HTML report, plain text; made from the evidence bundle alone."""

from onecard.views.allure import write_allure
from onecard.views.build import read_bundle, read_run
from onecard.views.html import render_html, write_html
from onecard.views.junit import write_junit
from onecard.views.model import BundleView, CaseView, RequirementView, RunVerdict, RunView, Verdict
from onecard.views.text import explain_case

__all__ = [
    "BundleView",
    "CaseView",
    "RequirementView",
    "RunVerdict",
    "RunView",
    "Verdict",
    "explain_case",
    "read_bundle",
    "read_run",
    "render_html",
    "write_allure",
    "write_html",
    "write_junit",
]
