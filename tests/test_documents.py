"""What the documents promise, held against the code."""

import re
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
READ = set(re.findall(r'env\.\w+\(\s*"([A-Z0-9_]+)"', (ROOT / "e_learning" / "settings.py").read_text()))


def test_the_example_file_names_exactly_the_variables_that_are_read() -> None:
    named = set(re.findall(r"^#([A-Z0-9_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    assert named == READ


def test_every_variable_is_explained() -> None:
    explained = set(re.findall(r"`([A-Z0-9_]+)`", (ROOT / "docs" / "configuration.md").read_text()))
    assert explained >= READ


@pytest.mark.parametrize("page", ["README.md", "docs/architecture.md", "docs/decisions/README.md"])
def test_files_and_pages_that_a_document_names_exist(page: str) -> None:
    text, folder = (ROOT / page).read_text(), (ROOT / page).parent
    links = {folder / link for link in re.findall(r"\]\(([^)#:]+)\)", text)}
    paths = set(
        re.findall(
            r"`((?:accounts|attendance|chatbot|community|courses|payments|core|e_learning|docs|benchmarks|tests)/[\w/]*(?:\.py)?)`",
            text,
        )
    )
    missing = [str(link) for link in links if not link.exists()]
    missing += [path for path in paths if not any((base / path).exists() for base in (ROOT, ROOT / "e_learning"))]
    assert not missing


def test_the_architecture_page_names_functions_where_they_are() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text()
    for place, name in re.findall(r"`([\w/]+(?:\.py)?)` `([A-Za-z_]+)`", text):
        file = next(base / place for base in (ROOT, ROOT / "e_learning") if (base / place).exists())
        sources = [file] if file.is_file() else list(file.rglob("*.py"))
        assert any(re.search(rf"(def|class) {name}\b", source.read_text()) for source in sources), (place, name)
