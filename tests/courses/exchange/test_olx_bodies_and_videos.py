"""What is shown: html made safe, videos with an address, subtitles found beside them."""

import json

import pytest

from courses.exchange.olx.structure import Cue, SubtitleTrack, TextContent, VideoContent
from tests.courses.exchange.conftest import Read

SRT = "1\n00:00:01,500 --> 00:00:03,000\n<i>Good</i>\nmorning\n\n2\n00:00:00,000 --> 00:00:01,000\nHello\n"
CUES = (Cue(0.0, 1.0, "Hello"), Cue(1.5, 3.0, "Good\nmorning"))
BESIDE = '<html url_name="beside"><p>beside</p></html>'


def body(read: Read, html: str, files=None) -> str:
    course = read('<html url_name="h" filename="h"/>', {"html/h.html": html, **(files or {})})
    content = course.modules[0].contents[0]
    assert isinstance(content, TextContent)
    return content.html


def video(read: Read, attributes: str, inside: str = "", files=None) -> VideoContent:
    course = read(f'<video url_name="v" {attributes}>{inside}</video>', files)
    content = course.modules[0].contents[0]
    assert isinstance(content, VideoContent)
    return content


@pytest.mark.parametrize(
    ("html", "shown"),
    [
        ("<script>alert(1)</script><p onclick='x()' style='y'>Hi</p>", "<p>Hi</p>"),
        ("<a href='javascript:alert(1)'>x</a>", "<a>x</a>"),
        (
            "<a href='/jump_to_id/abc'>next</a> <a href='https://example.org/'>out</a>",
            '<a>next</a> <a href="https://example.org/">out</a>',
        ),
        ("<svg><script>x</script></svg><img src=x onerror=y>", '<img src="x">'),
        (
            "<iframe src='https://example.org/sim' title='A &amp; B'></iframe>",
            '<a href="https://example.org/sim">A &amp; B</a>',
        ),
        ("<iframe src='//example.org/x'></iframe>", '<a href="https://example.org/x">https://example.org/x</a>'),
        ("<p>a</p>\n\n\n    <p>b\n  c</p>", "<p>a</p>\n<p>b c</p>"),
        ("<pre>x\n\n   y</pre>", "<pre>x&#10;&#10;   y</pre>"),
        ("&lt;b&gt; &#233; &copy;", "&lt;b&gt; é ©"),
    ],
)
def test_html_is_safe_and_has_no_line_that_markdown_would_read(read: Read, html: str, shown: str) -> None:
    assert body(read, html) == f"<div>\n{shown}\n</div>"


@pytest.mark.parametrize(
    "html", ["", " \n", "<style>p{}</style>", "<p>&nbsp;</p>", "<iframe src='javascript:x'></iframe>"]
)
def test_html_with_nothing_to_show_is_left_out(read: Read, html: str) -> None:
    course = read(BESIDE + '<html url_name="h" filename="h"/>', {"html/h.html": html})
    (left,) = course.left_out
    assert left.reason in {"it is empty", "only styles or scripts, and nothing to show"}


def test_html_whose_file_is_missing_is_left_out(read: Read) -> None:
    course = read(BESIDE + '<html url_name="h" filename="gone"/>')
    assert [entry.reason for entry in course.left_out] == ["its file is missing"]


def test_files_that_texts_name_are_told_apart_by_whether_they_are_there(read: Read) -> None:
    course = read(
        '<html url_name="h" filename="h"/>',
        {
            "html/h.html": '<img src="/static/here.png"><a href="asset-v1:D+C+R+type@asset+block@my%20notes.pdf">n</a>'
            '<img src="/c4x/D/C/asset/gone.png"><img src="/static/../../up.png">',
            "static/here.png": b"\x89PNG",
            "static/my notes.pdf": b"%PDF",
        },
    )
    content = course.modules[0].contents[0]
    assert isinstance(content, TextContent)
    assert 'src="/static/here.png"' in content.html
    assert 'href="/static/my notes.pdf"' in content.html
    assert 'src="/static/gone.png"' in content.html
    assert course.static_files == ("here.png", "my notes.pdf")
    assert course.missing_files == ("../../up.png", "gone.png")


def test_bytes_that_are_no_text_do_not_stop_a_course(read: Read) -> None:
    course = read('<html url_name="h" filename="h"/>', {"html/h.html": b"<p>caf\xe9 \x00\x07</p>"})
    content = course.modules[0].contents[0]
    assert isinstance(content, TextContent)
    assert content.html == "<div>\n<p>caf\ufffd </p>\n</div>"


@pytest.mark.parametrize(
    ("attributes", "inside", "url"),
    [
        ('youtube_id_1_0="abcdefghijk"', "", "https://www.youtube.com/watch?v=abcdefghijk"),
        ('youtube="0.75:slow_one_ab,1.00:abcdefghijk"', "", "https://www.youtube.com/watch?v=abcdefghijk"),
        (
            'youtube_id_1_0="abcdefghijk" start_time="00:01:05" end_time="00:02:00"',
            "",
            "https://www.youtube.com/watch?v=abcdefghijk&start=65&end=120",
        ),
        ("html5_sources='[\"https://cdn.example/a.mp4\"]'", "", "https://cdn.example/a.mp4"),
        ("html5_sources='{broken'", '<source src="http://cdn.example/b.mp4"/>', "http://cdn.example/b.mp4"),
        (
            "",
            '<video_asset><encoded_video profile="desktop_mp4" url="https://cdn.example/c.mp4"/></video_asset>',
            "https://cdn.example/c.mp4",
        ),
    ],
)
def test_a_video_plays_from_where_its_block_says(read: Read, attributes: str, inside: str, url: str) -> None:
    assert video(read, attributes, inside).url == url


@pytest.mark.parametrize(
    "attributes",
    [
        "",
        'edx_video_id="1234"',
        'youtube_id_1_0="&quot;&gt;&lt;script&gt;"',
        "html5_sources='[\"javascript:x\", 1]'",
        'youtube="x"',
    ],
)
def test_a_video_without_an_address_is_left_out(read: Read, attributes: str) -> None:
    course = read(f'{BESIDE}<video url_name="v" display_name="V" {attributes}/>')
    assert [(entry.kind, entry.reason) for entry in course.left_out] == [("video", "it has no address to play from")]


@pytest.mark.parametrize(
    ("seconds", "duration"), [("61.4", 61), ("0.0", None), ("x", None), ("1e999", None), ("nan", None)]
)
def test_a_video_keeps_its_length_where_it_is_known(read: Read, seconds: str, duration: int | None) -> None:
    assert video(read, 'youtube_id_1_0="abcdefghijk"', f'<video_asset duration="{seconds}"/>').duration == duration


@pytest.mark.parametrize(
    ("attributes", "inside"),
    [
        ("", '<transcript language="es" src="a-es.srt"/>'),
        ('transcripts=\'{"es": "a-es.srt"}\'', ""),
        ('edx_video_id="a"', '<video_asset><transcripts><transcript language_code="es"/></transcripts></video_asset>'),
    ],
)
def test_subtitles_are_found_however_they_are_named(read: Read, attributes: str, inside: str) -> None:
    found = video(read, f'youtube_id_1_0="abcdefghijk" {attributes}', inside, {"static/a-es.srt": SRT})
    assert found.subtitles == (SubtitleTrack("es", CUES),)


def test_the_subtitles_of_older_courses_are_found_by_their_number(read: Read) -> None:
    old = json.dumps({"start": [1500, 0, 9], "end": [3000, 1000, 10], "text": ["Good\nmorning", "Hello", None]})
    found = video(read, 'youtube_id_1_0="abcdefghijk" sub="old"', "", {"static/subs_old.srt.sjson": old})
    assert found.subtitles == (SubtitleTrack("en", CUES),)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no subtitles here",
        "{}",
        "[" * 100_000,
        '{"start": [1], "end": [], "text": []}',
        '{"start": [1], "end": [1e999], "text": ["x"]}',
        '{"start": [1], "end": [1' + "0" * 400 + '], "text": ["x"]}',
    ],
)
@pytest.mark.parametrize("name", ["a.srt", "subs_x.srt.sjson"])
def test_damaged_subtitles_cost_the_subtitles_and_not_the_video(read: Read, text: str, name: str) -> None:
    inside = '<transcript language="en" src="a.srt"/><transcript language="../x" src="a.srt"/>'
    assert video(read, 'youtube_id_1_0="abcdefghijk" sub="x"', inside, {f"static/{name}": text}).subtitles == ()


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("a.srt", "1\n00:00:01,000 --> 00:00:02,000\n%s\n"),
        ("subs_x.srt.sjson", '{"start": [1000], "end": [2000], "text": ["%s"]}'),
    ],
)
def test_what_subtitles_write_as_entities_is_read_as_it_is_spoken(read: Read, name: str, words: str) -> None:
    files = {f"static/{name}": words % "Don&#39;t &amp; won&#x27;t: a &lt; b"}
    [track] = video(
        read, 'youtube_id_1_0="abcdefghijk" sub="x"', '<transcript language="en" src="a.srt"/>', files
    ).subtitles
    assert [cue.text for cue in track.cues] == ["Don't & won't: a < b"]


def test_subtitles_outside_the_course_are_not_read(read: Read) -> None:
    inside = '<transcript language="en" src="../../secret.srt"/><transcript language="es" src="gone.srt"/>'
    odd = r"""transcripts='{"fr": "\ud800.srt", "de": "a\u0000.srt", "it": 1}'"""
    assert video(read, f'youtube_id_1_0="abcdefghijk" {odd}', inside).subtitles == ()
