"""What a file from a stranger may try. Each attack is refused with a clear text, or harmless."""

import gzip
import io
import os
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from courses.exchange.olx import ImportRefused, Limits
from tests.courses.exchange.conftest import Read, Write, packed, read_from

TEXT = '<html url_name="h1"><p>one</p></html>'
LAUGHS = (
    '<!DOCTYPE vertical [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    "<vertical><html url_name='h'><p>&b;</p></html></vertical>"
)
OUTSIDE = '<!DOCTYPE vertical [<!ENTITY x SYSTEM "file:///etc/passwd">]><vertical><html><p>&x;</p></html></vertical>'


@pytest.mark.parametrize("document", [LAUGHS, OUTSIDE, "<!DOCTYPE vertical><vertical/>"])
@pytest.mark.parametrize("name", ["course.xml", "vertical/u1.xml"])
def test_a_document_type_is_refused_whatever_it_declares(read: Read, document: str, name: str) -> None:
    with pytest.raises(ImportRefused, match="declares a document type or entities"):
        read(TEXT, {name: document})


def test_entities_in_another_encoding_are_refused_too(read: Read) -> None:
    with pytest.raises(ImportRefused, match="declares a document type"):
        read(TEXT, {"vertical/u1.xml": ('<?xml version="1.0" encoding="UTF-16"?>' + LAUGHS).encode("utf-16")})


@pytest.mark.parametrize(
    "document",
    [b"<vertical>", b"", b"<v>&nbsp;</v>", b"\xff\xfe\x00", b'<?xml version="1.0" encoding="nonsense"?><v/>'],
)
def test_broken_xml_is_refused_by_the_name_of_its_file(read: Read, document: bytes) -> None:
    with pytest.raises(ImportRefused, match=r"vertical/u1\.xml is not well-formed XML"):
        read(TEXT, {"vertical/u1.xml": document})


def test_elements_nested_without_end_are_refused(read: Read) -> None:
    with pytest.raises(ImportRefused, match="nested deeper"):
        read("<a>" * 50_000 + "</a>" * 50_000)


@pytest.mark.parametrize(
    "unit",
    [
        '<problem url_name="../../outside"/>',
        '<problem url_name="..:..:outside"/>',
        '<html url_name="h" filename="../../outside"/>',
        '<problem url_name="a\\..\\b"/>',
    ],
)
def test_a_name_that_leads_out_of_the_course_is_refused(read: Read, tmp_path: Path, unit: str) -> None:
    (tmp_path / "outside.xml").write_text("<problem/>", encoding="utf-8")
    (tmp_path / "outside.html").write_text("secret", encoding="utf-8")
    with pytest.raises(ImportRefused, match="not a path inside the course"):
        read(unit)


def test_a_link_out_of_the_folder_is_refused(write_course: Write, tmp_path: Path) -> None:
    (tmp_path / "secret.html").write_text("<p>secret</p>", encoding="utf-8")
    folder = write_course('<html url_name="h" filename="h"/>', {"html/other.html": "x"})
    (folder / "html/h.html").symlink_to(tmp_path / "secret.html")
    with pytest.raises(ImportRefused, match="leads out of the course"):
        read_from(folder)


def test_a_loop_of_links_is_a_missing_file(write_course: Write) -> None:
    folder = write_course(TEXT + '<html url_name="h" filename="h"/>', {"html/other.html": "x"})
    (folder / "html/h.html").symlink_to(folder / "html/h.html")
    assert [entry.reason for entry in read_from(folder).left_out] == ["its file is missing"]


def test_a_pipe_in_place_of_a_file_is_refused_without_waiting(write_course: Write) -> None:
    folder = write_course('<html url_name="h" filename="h"/>', {"html/other.html": "x"})
    os.mkfifo(folder / "html/h.html")
    with pytest.raises(ImportRefused, match="not a regular file"):
        read_from(folder)


@pytest.mark.parametrize("name", ["v" * 300, "x" * 5000, "y" * 300 + ":y", "é" * 200])
def test_a_name_too_long_for_a_file_is_a_missing_file(read: Read, name: str) -> None:
    course = read(TEXT + f'<problem url_name="{name}"/>')
    assert [entry.reason for entry in course.left_out] == ["its file is missing"]


def test_blocks_that_hold_themselves_are_refused(read: Read) -> None:
    with pytest.raises(ImportRefused, match="vertical u1 holds itself"):
        read('<vertical url_name="u1"/>')


def test_blocks_that_hold_one_another_without_end_are_refused(read: Read) -> None:
    chain: dict[str, str | bytes] = {
        f"wrapper/w{n}.xml": f'<wrapper><wrapper url_name="w{n + 1}"/></wrapper>' for n in range(60)
    }
    with pytest.raises(ImportRefused, match="nested deeper"):
        read('<wrapper url_name="w0"/>', chain)


@pytest.mark.parametrize(
    "limits",
    [Limits(total_bytes=500), Limits(file_bytes=40), Limits(total_bytes=500, file_bytes=400)],
)
def test_a_folder_larger_than_the_limits_is_refused(write_course: Write, limits: Limits) -> None:
    with pytest.raises(ImportRefused, match=r"larger than|too large"):
        read_from(write_course(TEXT * 20), limits)


def test_too_many_blocks_are_refused(read: Read) -> None:
    with pytest.raises(ImportRefused, match="more than 20000 blocks"):
        read("<html/>" * 20_001)


@pytest.mark.parametrize(
    "content",
    [b"", b"not a tar", gzip.compress(b"not a tar"), gzip.compress(b"x" * 1024)[:40]],
    ids=["empty", "plain", "packed", "cut off"],  # packed bytes hold the time, and would differ from worker to worker
)
def test_a_file_that_is_no_archive_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "course.tar.gz"
    path.write_bytes(content)
    with pytest.raises(ImportRefused, match=r"neither a folder nor a readable \.tar\.gz|no course\.xml"):
        read_from(path)


def test_what_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ImportRefused, match="nothing at"):
        read_from(tmp_path / "nowhere")


@pytest.mark.parametrize(
    "course_xml",
    [
        "<library url_name='x' org='a' course='b'/>",
        "<course/>",
        "<course org='a' course='b'/>",
        "<course org='a' course='b' url_name='gone'/>",
    ],
)
def test_what_is_not_a_course_is_refused(read: Read, course_xml: str) -> None:
    with pytest.raises(ImportRefused, match=r"not a course|not in the file"):
        read(TEXT, {"course.xml": course_xml})


def test_an_empty_folder_and_a_folder_of_several_courses_are_refused(write_course: Write, tmp_path: Path) -> None:
    with pytest.raises(ImportRefused, match=r"no course\.xml"):
        read_from(tmp_path)
    write_course(TEXT)
    write_course(TEXT, folder="other")
    with pytest.raises(ImportRefused, match="more than one course"):
        read_from(tmp_path)


@pytest.mark.parametrize("policy", ["[", "[1]", "[" * 100_000])
def test_a_broken_policy_is_refused(read: Read, policy: str) -> None:
    with pytest.raises(ImportRefused, match=r"policy\.json"):
        read(TEXT, {"policies/2026/policy.json": policy})


# Archives.


def archive_of(tmp_path: Path, *members: tuple[tarfile.TarInfo, bytes]) -> Path:
    path = tmp_path / "bad.tar.gz"
    with tarfile.open(path, "w:gz") as tar:
        for info, data in members:
            info.size = info.size or len(data)
            tar.addfile(info, io.BytesIO(data))
    return path


def link(name: str, target: str, kind: bytes = tarfile.SYMTYPE) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


@pytest.mark.parametrize(
    "name", ["../escaped.xml", "course/../../escaped.xml", "/tmp/escaped-olx.xml", "c\\..\\escaped.xml"]
)
def test_a_member_outside_the_archive_is_refused_and_not_written(tmp_path: Path, name: str) -> None:
    path = archive_of(tmp_path, (tarfile.TarInfo(name), b"<course/>"))
    with pytest.raises(ImportRefused, match="not a path inside the course"):
        read_from(path)
    assert not Path("/tmp/escaped-olx.xml").exists()
    assert not list(tmp_path.parent.glob("**/escaped.xml"))


@pytest.mark.parametrize(
    "member",
    [
        link("course/course.xml", "/etc/passwd"),
        link("course/course.xml", "../secret", tarfile.LNKTYPE),
        link("course/null", "", tarfile.CHRTYPE),
        link("course/pipe", "", tarfile.FIFOTYPE),
    ],
)
def test_links_and_devices_in_an_archive_are_refused(tmp_path: Path, member: tarfile.TarInfo) -> None:
    with pytest.raises(ImportRefused, match="is a link or a device"):
        read_from(archive_of(tmp_path, (member, b"")))


def test_a_member_that_comes_twice_is_refused(tmp_path: Path) -> None:
    twice = [(tarfile.TarInfo("course/course.xml"), b"<course/>") for _ in range(2)]
    with pytest.raises(ImportRefused, match="can't be unfolded"):
        read_from(archive_of(tmp_path, *twice))


def test_an_archive_that_unfolds_too_far_is_refused_before_it_does(tmp_path: Path, write_course: Write) -> None:
    bomb = packed(write_course(TEXT, {"static/zeros.bin": bytes(30 * 1024 * 1024)}))
    assert bomb.stat().st_size < 100_000
    with pytest.raises(ImportRefused, match="too large"):
        read_from(bomb)


def test_a_header_that_claims_gigabytes_is_refused(tmp_path: Path) -> None:
    huge = tarfile.TarInfo("course/huge.bin")
    huge.size = 8 * 1024**3
    path = tmp_path / "huge.tar.gz"
    path.write_bytes(gzip.compress(huge.tobuf(tarfile.GNU_FORMAT)))
    with pytest.raises(ImportRefused, match="too large"):
        read_from(path)


def test_an_extended_header_of_gigabytes_ends_at_the_limit(tmp_path: Path) -> None:
    header = tarfile.TarInfo("pax")
    header.type, header.size = tarfile.XHDTYPE, 8 * 1024**3
    path = tmp_path / "pax.tar.gz"
    path.write_bytes(gzip.compress(header.tobuf(tarfile.GNU_FORMAT) + bytes(40 * 1024 * 1024)))
    with pytest.raises(ImportRefused, match=r"too large"):
        read_from(path)


def test_too_many_members_are_refused(write_course: Write) -> None:
    with pytest.raises(ImportRefused, match="at most 3 files"):
        read_from(packed(write_course(TEXT)), Limits(files=3))


def test_a_large_archive_is_refused_by_its_size_alone(write_course: Write) -> None:
    with pytest.raises(ImportRefused, match="too large"):
        read_from(packed(write_course(TEXT)), Limits(total_bytes=10))


# Texts and scripts.


def test_a_list_of_choices_without_end_is_left_out_at_once(read: Read) -> None:
    endless = "'" + r"\'" * 500_000
    course = read(
        f'{TEXT}<problem url_name="p"><optionresponse><optioninput options="{endless}"/></optionresponse></problem>'
    )
    assert [entry.reason for entry in course.left_out] == ["its list of choices is too long"]


@pytest.mark.parametrize(
    "address", ["/static/" + "x" * 300 + "/a.png", "/static/%00.png", "/static/a%2F..%2F..%2Fb.png"]
)
def test_a_text_may_name_any_file_and_only_misses_it(read: Read, address: str) -> None:
    course = read(f'<html url_name="h"><p>x</p><img src="{address}"/></html>')
    assert len(course.missing_files) == 1
    assert course.static_files == ()


@pytest.mark.parametrize(
    "html",
    [
        "<div>" * 100_000,
        "<p>" * 100_000,
        "<p>" + "".join(f"<b id={n}>" for n in range(90)) + "</p><p>x" * 5_000,
    ],
)
def test_html_that_would_take_the_sanitiser_minutes_is_left_out_at_once(read: Read, html: str) -> None:
    course = read(TEXT + '<html url_name="h2" filename="h2"/>', {"html/h2.html": html})
    assert [entry.reason for entry in course.left_out] == ["its elements are nested too deep"]


@pytest.fixture
def canary(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[], bool]:
    """A file that a script in the course would write if anything ran it."""
    monkeypatch.chdir(tmp_path)
    return (tmp_path / "ran").exists


def test_a_script_in_a_problem_is_never_run(read: Read, canary: Callable[[], bool]) -> None:
    script = '<script type="loncapa/python">open("ran", "w"); answer = 1</script>'
    course = read(
        TEXT
        + f'<problem url_name="p1">{script}<customresponse cfn="check"><textline/></customresponse></problem>'
        + f'<problem url_name="p2">{script}<numericalresponse answer="$answer"/></problem>'
        + """<problem url_name="p3"><optionresponse><optioninput options="(open('ran','w'),'b')" correct="b"/>"""
        + "</optionresponse></problem>"
    )
    assert not canary()
    assert [entry.id for entry in course.left_out] == ["p1", "p2"]
