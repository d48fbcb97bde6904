"""Files of courses: kept once, shown to who reads the text."""

import re

import pytest
from django.test import Client

from courses.catalogue.text import render_text
from courses.media.selectors import with_signed_assets
from courses.media.services import store_asset
from courses.models import Asset
from tests.factories.courses import make_course


@pytest.fixture
def course(asha):
    return make_course(asha)


def test_the_same_bytes_under_the_same_name_are_kept_once(course):
    first = store_asset(course_id=course.pk, name="a.png", data=b"png")
    assert store_asset(course_id=course.pk, name="a.png", data=b"png") == first
    assert store_asset(course_id=course.pk, name="b.png", data=b"png") != first
    assert store_asset(course_id=course.pk, name="a.png", data=b"other") != first
    assert (first.size, first.file.read()) == (3, b"png")
    assert Asset.objects.count() == 3


def test_a_name_never_leads_out_of_the_store(course, settings):
    for name in ("../../etc/passwd", "..\\..\\evil.png", "/etc/passwd", "..", "", "x" * 400 + ".png", "a\0b.png"):
        asset = store_asset(course_id=course.pk, name=name, data=name.encode())
        assert asset.file.path.startswith(f"{settings.MEDIA_ROOT}/private/assets/")


def test_another_writer_of_the_same_file_is_no_error(course, monkeypatch, settings):
    kept = store_asset(course_id=course.pk, name="a.png", data=b"png")
    files = {path for path in settings.MEDIA_ROOT.rglob("*") if path.is_file()}
    looked = Asset.objects.none()
    with monkeypatch.context() as patched:  # as seen by a writer that looked before the other had written
        patched.setattr("courses.media.services._kept", lambda key: looked.first())
        assert store_asset(course_id=course.pk, name="a.png", data=b"png") == kept
    assert {path for path in settings.MEDIA_ROOT.rglob("*") if path.is_file()} == files


def test_a_text_shows_its_files_by_addresses_that_open(course, settings, django_assert_num_queries):
    picture = store_asset(course_id=course.pk, name="a.png", data=b"png")
    sheet = store_asset(course_id=course.pk, name="a.pdf", data=b"pdf")
    html = render_text(f"![A](asset:{picture.pk}) [sheet](asset:{sheet.pk}) ![A](asset:{picture.pk})")
    with django_assert_num_queries(1):
        shown = with_signed_assets(html, course_id=course.pk)
    addresses = [address.replace("&amp;", "&") for address in re.findall(r'(?:src|href)="([^"]+)"', shown)]
    assert len(addresses) == 3
    for address in addresses:
        assert Client().get(address.removeprefix(settings.PUBLIC_URL)).status_code == 200


def test_a_text_without_files_costs_nothing(course, django_assert_num_queries):
    with django_assert_num_queries(0):
        html = '<p>asset:1 <a href="https://example.com">x</a></p>'
        assert with_signed_assets(html, course_id=course.pk) == html


def test_no_text_opens_a_file_of_another_course(course, asha):
    other = make_course(asha, title="Other")
    secret = store_asset(course_id=other.pk, name="secret.png", data=b"png")
    for reference in (str(secret.pk), "0", "-1", "99999999999999999999999", "x", "1/../2", "", f"{secret.pk}?x"):
        html = render_text(f'<img src="asset:{reference}" alt="A">')
        assert with_signed_assets(html, course_id=course.pk) == '<img alt="A">'


def test_a_text_cannot_fake_a_reference_inside_another_attribute(course):
    mine = store_asset(course_id=course.pk, name="a.png", data=b"png")
    html = render_text(
        f'<img alt=" src=&quot;asset:{mine.pk}&quot; onerror=&quot;alert(1)&quot;" src="asset:{mine.pk}">'
    )
    shown = with_signed_assets(html, course_id=course.pk)
    assert shown.count("signature=") == 1
    assert "onerror=&quot;" in shown
