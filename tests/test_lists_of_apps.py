"""No list of packages forgets one: they are linted, measured, shipped and held to the import contracts by name."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
SHIPPED = {folder.parent.name for folder in ROOT.glob("*/__init__.py")} - {"tests", "benchmarks"}
TOOLS: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]


def found(pattern: str, text: str) -> set[str]:
    return set(re.findall(pattern, text, re.MULTILINE))


LISTS = {
    "ruff": set(TOOLS["ruff"]["lint"]["isort"]["known-first-party"]),
    "mypy": set(TOOLS["mypy"]["files"]),
    "coverage": set(TOOLS["coverage"]["run"]["source"]),
    "contracts": set(TOOLS["importlinter"]["root_packages"]),
    "Makefile": found(r"\w+", *found(r"^CODE := .+$", (ROOT / "Makefile").read_text())),
    "Dockerfile": found(r"^COPY (\w+) \./\1$", (ROOT / "Dockerfile").read_text()),
    ".dockerignore": found(r"^!(\w+)$", (ROOT / ".dockerignore").read_text()),
} | {
    line.split(":")[2]: found(r"\w+", line)
    for line in TOOLS["pytest"]["ini_options"]["filterwarnings"]
    if "DeprecationWarning:" in line
}


@pytest.mark.parametrize("name", LISTS)
def test_every_package_is_named(name: str) -> None:
    assert SHIPPED - LISTS[name] == set()
