"""Small courses in OLX, written by the tests themselves."""

import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from courses.exchange.olx import read_course
from courses.exchange.olx.files import Limits, open_course
from courses.exchange.olx.structure import OlxCourse

#: Where the real course lies, on machines that have it; it is never part of this repository.
DEMO_COURSE = Path(__file__).resolve().parents[4] / "shared/data/olx-openedx-demo/course"

Write = Callable[..., Path]
Read = Callable[..., OlxCourse]


@pytest.fixture
def demo_course() -> Path:
    if not DEMO_COURSE.is_dir():
        pytest.skip(f"the Open edX demo course is not at {DEMO_COURSE}")
    return DEMO_COURSE


@pytest.fixture
def write_course(tmp_path: Path) -> Write:
    """Return a function that writes a course with the given unit (the XML inside one vertical) and further files."""

    def write(unit: str = "", files: dict[str, str | bytes] | None = None, *, folder: str = "course") -> Path:
        root = tmp_path / folder
        written: dict[str, str | bytes] = {
            "course.xml": '<course url_name="2026" org="Demo" course="SIGN1"/>',
            "course/2026.xml": '<course display_name="Signs" language="en"><chapter url_name="c1"/></course>',
            "chapter/c1.xml": '<chapter display_name="First steps"><sequential url_name="s1"/></chapter>',
            "sequential/s1.xml": '<sequential display_name="Greetings"><vertical url_name="u1"/></sequential>',
            "vertical/u1.xml": f'<vertical display_name="Hello">{unit}</vertical>',
            **(files or {}),
        }
        for name, body in written.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(body if isinstance(body, bytes) else body.encode())
        return root

    return write


@pytest.fixture
def read(write_course: Write) -> Read:
    """Return a function that writes such a course and reads it."""

    def read_it(unit: str = "", files: dict[str, str | bytes] | None = None) -> OlxCourse:
        return read_from(write_course(unit, files))

    return read_it


def read_from(path: Path, limits: Limits | None = None) -> OlxCourse:
    with open_course(path, limits) as files:
        return read_course(files)


def packed(folder: Path, *, name: str = "course") -> Path:
    """Return ``folder`` as a ``.tar.gz`` beside it, the way Studio exports one."""
    archive = folder.with_suffix(".tar.gz")
    with tarfile.open(archive, "w:gz") as tar:
        tar.add(folder, arcname=name)
    return archive
