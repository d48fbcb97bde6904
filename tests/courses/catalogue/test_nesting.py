"""Text that would cost the sanitiser minutes is refused before it is read."""

import pytest

from courses.catalogue.text import TextTooDeep, render_text


@pytest.mark.parametrize("text", ["<div>" * 20_000, "<b>" * 5000 + "<p>x" * 500, "<ul><li>" * 3000, "<font><p>" * 3000])
def test_what_nests_by_the_hundred_is_refused_at_once(text: str) -> None:
    with pytest.raises(TextTooDeep):
        render_text(text)


@pytest.mark.parametrize("text", ["<p>" * 90, "<li>one\n" * 500, "> " * 60 + "deep", "<br>" * 5000, "a < b " * 5000])
def test_what_people_write_is_not(text: str) -> None:
    assert isinstance(render_text(text), str)
