"""Pictures are drawn anew: what is kept is what is seen, and nothing besides."""

import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from e_learning.core.api.errors import ApiError
from e_learning.core.uploads import PICTURE, JudgedFile, judged_upload
from tests.factories.uploads import HTML, SVG, picture, png_that_claims, upload, webp_that_claims

BOMBS = {"png": png_that_claims(20_000, 20_000), "webp": webp_that_claims(16_000, 16_000)}


def judged(data: bytes, name: str = "a.png", **options: Any) -> JudgedFile:
    return judged_upload(upload(data, name), families=(PICTURE,), **options)


def kept(data: bytes, **options: Any) -> Image.Image:
    return Image.open(io.BytesIO(judged(data, **options).read()))


def refusal(data: bytes, name: str = "a.png") -> tuple[int, str]:
    with pytest.raises(ApiError) as refused:
        judged(data, name)
    return refused.value.status, refused.value.code


@pytest.mark.parametrize(
    ("kind", "mode", "kept_as", "ending"),
    [
        ("PNG", "RGB", "PNG", ".png"),
        ("PNG", "RGBA", "PNG", ".png"),
        ("PNG", "L", "PNG", ".png"),
        ("PNG", "P", "PNG", ".png"),
        ("JPEG", "RGB", "JPEG", ".jpg"),
        ("JPEG", "CMYK", "JPEG", ".jpg"),
        ("JPEG", "L", "JPEG", ".jpg"),
        ("GIF", "P", "PNG", ".png"),
        ("WEBP", "RGB", "WEBP", ".webp"),
        ("WEBP", "RGBA", "WEBP", ".webp"),
    ],
)
def test_each_kind_is_kept_as_what_it_is(kind: str, mode: str, kept_as: str, ending: str) -> None:
    file = judged(picture(kind, mode=mode), "holiday.exe")
    image = Image.open(io.BytesIO(file.read()))
    image.load()

    assert (image.format, image.size) == (kept_as, (40, 30))
    assert (file.name or "").endswith(ending)
    assert file.original_name == "holiday.exe"


def test_the_name_in_the_store_is_the_hash_of_what_is_kept() -> None:
    one, again = judged(picture(), "../../etc/passwd"), judged(picture(), "b.png")

    assert one.name == again.name == f"{one.digest[:32]}.png"
    assert one.original_name == "passwd"


def test_nothing_of_where_and_by_whom_it_was_taken_is_kept() -> None:
    exif = Image.Exif()
    exif[0x010F] = "Asha's camera"
    exif.get_ifd(0x8825)[1] = "N"
    for data in (
        picture("JPEG", exif=exif, comment=b"Asha's comment", icc_profile=b"Asha's profile"),
        picture("WEBP", exif=exif.tobytes(), xmp=b"Asha's position"),
        picture("PNG", exif=exif, icc_profile=b"Asha's profile", pnginfo=_texts("Asha's words")),
    ):
        file = judged(data).read()
        assert b"Asha" in data or b"tEXt" in data or b"iCCP" in data
        assert b"Asha" not in file
        assert not Image.open(io.BytesIO(file)).getexif()
        assert "icc_profile" not in Image.open(io.BytesIO(file)).info


def _texts(words: str) -> PngImagePlugin.PngInfo:
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Author", words)
    return texts


def test_a_picture_taken_sideways_is_turned_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by a quarter
    image = kept(picture("JPEG", (400, 300), exif=exif))

    assert image.size == (300, 400)
    red, _green, blue = image.getpixel((150, 20))  # type: ignore[misc]  # three numbers in an RGB picture
    assert red > 200 > 50 > blue


def test_a_large_picture_is_made_to_fit() -> None:
    assert kept(picture("JPEG", (3000, 1500)), longest_side=512).size == (512, 256)
    assert kept(picture("PNG", (10, 20)), longest_side=512).size == (10, 20)


def test_of_an_animation_the_first_frame_is_kept() -> None:
    second = Image.new("RGB", (40, 30), "green")
    for kind in ("GIF", "WEBP", "PNG"):
        image = kept(picture(kind, save_all=True, append_images=[second]))
        assert getattr(image, "n_frames", 1) == 1


def test_transparency_is_kept() -> None:
    data = io.BytesIO()
    Image.new("RGBA", (4, 4), (255, 0, 0, 0)).save(data, "PNG")

    assert kept(data.getvalue()).getpixel((1, 1)) == (255, 0, 0, 0)


def test_what_is_hidden_behind_a_picture_stays_behind() -> None:
    for kind in ("PNG", "JPEG", "GIF", "WEBP"):
        file = judged(picture(kind) + b"PK\x03\x04" + HTML).read()
        assert b"script" not in file
        assert b"PK\x03\x04" not in file


@pytest.mark.parametrize("kind", sorted(BOMBS))
def test_a_picture_that_would_unfold_into_gigabytes_is_413(kind: str) -> None:
    assert len(BOMBS[kind]) < 200
    assert refusal(BOMBS[kind]) == (413, "too_many_pixels")


def test_a_bomb_is_refused_before_it_is_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    def decoded(*args: Any) -> None:
        raise AssertionError

    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", decoded)
    assert refusal(BOMBS["png"]) == (413, "too_many_pixels")


def test_the_limit_of_pixels_is_a_setting(settings: Any) -> None:
    settings.UPLOAD_MAX_IMAGE_PIXELS = 40 * 30
    for kind in ("PNG", "JPEG", "GIF", "WEBP"):
        assert judged(picture(kind))
        assert refusal(picture(kind, (41, 30))) == (413, "too_many_pixels")
        assert refusal(picture("WEBP", (41, 30), lossless=True)) == (413, "too_many_pixels")


def test_too_many_bytes_are_413(settings: Any) -> None:
    data = picture()
    settings.UPLOAD_MAX_IMAGE_BYTES = len(data)
    assert judged(data)
    assert refusal(data + b"x") == (413, "too_large")


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP"])
def test_a_picture_that_ends_too_early_is_400(kind: str) -> None:
    data = picture(kind, (200, 200))
    for length in (12, 40, len(data) // 2):
        assert refusal(data[:length]) == (400, "broken_file")


def test_no_bytes_are_400() -> None:
    assert refusal(b"") == (400, "empty")


@pytest.mark.parametrize(
    "data",
    [SVG, HTML, b"BM" + b"\x00" * 60, b"II*\x00" + b"\x00" * 60, b"MZ\x90\x00", b"plain words", b"\x00" * 100],
)
def test_what_is_no_picture_is_415_whatever_it_is_called(data: bytes) -> None:
    assert refusal(data, "a.png") == (415, "kind_not_allowed")


@given(
    where=st.integers(8, 2000),
    put=st.binary(min_size=1, max_size=8),
    kind=st.sampled_from(["PNG", "JPEG", "GIF", "WEBP"]),
)
@hypothesis_settings(max_examples=150)
def test_any_damage_is_refused_or_drawn(where: int, put: bytes, kind: str) -> None:
    data = bytearray(picture(kind, (60, 40)))
    where %= len(data)
    data[where : where + len(put)] = put
    assert outcome(bytes(data)) in {200, 400, 413, 415}


def outcome(data: bytes) -> int:
    try:
        Image.open(io.BytesIO(judged(data).read())).load()
    except ApiError as refused:
        return refused.status
    return 200
