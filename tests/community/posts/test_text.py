"""Whatever people write is kept as it is, and shown harmless, in time that grows with its length."""

import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from rest_framework.test import APIClient

from community.models import CommunityGroup, Post
from community.posts import text
from community.posts.text import render_post
from tests.community.posts.conftest import POSTS
from tests.community.posts.harmless import depth_of, harms_in
from tests.courses.catalogue.test_text import ATTACKS
from tests.thorough import times

BLNS = Path(__file__).resolve().parents[4] / "shared/data/chat-blns/blns.json"
MARKDOWN_ATTACKS = [
    "![x](https://evil.example/pixel.png)",
    "![x][1]\n\n[1]: https://evil.example/pixel.png",
    "[x](//evil.example)",
    "[x](/api/accounts/logout/)",
    "[x](https:evil)",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java\nscript:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](%6Aavascript:alert(1))",
    "[x]: javascript:alert(1)\n\n[x]",
    "<javascript:alert(1)>",
    "<data:text/html;base64,PHNjcmlwdD4=>",
    "<ftp://evil.example/x>",
    '[x](https://a.example "onmouseover=alert(1)")',
    '[x](https://a.example/"onmouseover="alert(1))',
    '```x" onmouseover=alert(1)\n```',
    "| <img src=x onerror=alert(1)> |\n|---|\n| <script>alert(1)</script> |",
]


@pytest.mark.parametrize("attack", [*ATTACKS, *MARKDOWN_ATTACKS])
def test_nothing_but_text_reaches_a_reader(attack: str) -> None:
    for source in (attack, f"# Title\n\n{attack}\n\ntext", f"- item {attack}\n\n> {attack}"):
        assert harms_in(render_post(source)) == []


def test_the_corpus_is_dangerous_where_html_is_let_through() -> None:
    careless = MarkdownIt("commonmark", {"html": True})
    assert sum(bool(harms_in(careless.render(attack))) for attack in ATTACKS) > len(ATTACKS) * 2 / 3


def test_markdown_becomes_what_it_means() -> None:
    html = render_post(
        "# Signs\n\n*A* is **first**; ~~B~~\nnext line\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n```python\nx\n```\n\n3. c"
    )
    for part in (
        "<h1>Signs</h1>",
        "<em>A</em>",
        "<strong>first</strong>",
        "<s>B</s><br>",
        "<td>1</td>",
        '<code class="language-python">',
        '<ol start="3">',
    ):
        assert part in html


def test_links_lead_out_and_tell_nothing() -> None:
    assert render_post("[x](https://example.com/?a=1&b=2) <bilal@demo.school>") == (
        '<p><a href="https://example.com/?a=1&amp;b=2" rel="nofollow noopener noreferrer">x</a> '
        '<a href="mailto:bilal@demo.school" rel="nofollow noopener noreferrer">bilal@demo.school</a></p>\n'
    )


def test_what_is_no_link_stands_there_as_it_was_written() -> None:
    assert render_post("[x](javascript:alert(1))") == "<p>[x](javascript:alert(1))</p>\n"
    assert render_post("<b>bold</b>") == "<p>&lt;b&gt;bold&lt;/b&gt;</p>\n"


def test_a_picture_is_a_link_to_it() -> None:
    assert render_post("![cat](https://example.com/cat.png)").startswith('<p>!<a href="https://example.com/cat.png"')


def test_text_of_many_scripts_is_kept() -> None:
    assert "हिन्दी वर्णमाला 👩‍👩‍👧" in render_post("हिन्दी वर्णमाला 👩‍👩‍👧")
    assert render_post("") == ""


@pytest.mark.parametrize("level", ["> ", "- ", "1. ", "> - ", "*", "~~"])
@pytest.mark.parametrize("depth", [1, 5, 13, 14, 30, 200])
def test_however_deep_it_stands_text_is_shown(level: str, depth: int) -> None:
    html = render_post(level * depth + "deep")
    assert "deep" in html
    assert depth_of(html) <= 80


# --- what nobody writes by hand -----------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.skipif(not BLNS.is_file(), reason="../shared/data is not here: naughty strings are not in the repository")
def test_every_naughty_string_is_kept_byte_for_byte_and_shown_harmless(
    bilals: APIClient, community: CommunityGroup
) -> None:
    naughty = [one for one in json.loads(BLNS.read_text()) if one]
    assert len(naughty) > 500
    for number, one in enumerate(naughty):
        body = {"community_id": community.pk, "title": str(number), "content": one}
        if number % 25:  # through the whole face now and then, else through the part that judges it
            assert harms_in(render_post(one)) == []
        else:
            response = bilals.post(POSTS, body)
            assert response.status_code == 201, (one, response.content)
            assert response.json()["content"] == one
            assert Post.objects.get(pk=response.json()["id"]).content == one


CURIOUS = st.text("*_~`[]()<>!#|-+\\>&;:@/ \n\tab1é\u202e\u200d\x0b\x7f", max_size=200)
MARKUP = st.lists(
    st.sampled_from([*ATTACKS, *MARKDOWN_ATTACKS, "> ", "- ", "```\n", "\n\n", "**", "[", "](", ")", "<", "|"]),
    max_size=8,
).map("".join)


@given(CURIOUS | MARKUP | st.text(max_size=300))
@settings(max_examples=times(3000, few=150))
def test_no_text_harms_or_fails(source: str) -> None:
    html = render_post(source)
    assert harms_in(html) == []
    assert len(html) < 1000 + 300 * len(source)


@pytest.mark.django_db
@given(content=st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=100))
@settings(max_examples=times(300, few=20), suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_is_kept_as_it_came(content: str, bilals: APIClient, community: CommunityGroup) -> None:
    response = bilals.post(POSTS, {"community_id": community.pk, "title": "Fuzz", "content": content})
    assert response.status_code == 201
    assert Post.objects.get(pk=response.json()["id"]).content == content


# --- what is built to cost ----------------------------------------------------------------------

_SIZE = times(20_000, few=8_000)
COSTLY: dict[str, Callable[[int], str]] = {
    "quotes": lambda size: ">" * size,
    "lazy quotes": lambda size: ">" * 20 + "a\n" * (size // 2),
    "lists": lambda size: "- " * (size // 2),
    "deeper lists": lambda size: "".join(" " * 2 * depth + "- a\n" for depth in range(int(size**0.5))),
    "brackets": lambda size: "[" * size,
    "links in links": lambda size: "[" * (size // 5) + "](a)" * (size // 5),
    "open links": lambda size: "[a](" * (size // 4),
    "pictures": lambda size: "![" * (size // 2),
    "references": lambda size: "[a\n" * (size // 3),
    "emphasis": lambda size: "*a_ " * (size // 4),
    "emphasis within": lambda size: "*" * (size // 2) + "a" + "*" * (size // 2),
    "struck within": lambda size: "~~a " * (size // 8) + " a~~" * (size // 8),
    "code": lambda size: "".join("`" * ticks + "a" for ticks in range(1, int((2 * size) ** 0.5))),
    "angles": lambda size: "<a:" * (size // 3),
    "entities": lambda size: "&#" * (size // 2),
    "a wide table": lambda size: "|a" * (size // 8) + "|\n" + "|-" * (size // 8) + "|\n" + "|\n" * (size // 4),
    "a table of other line ends": lambda size: "|a" * 150 + "\r" + "|-" * 150 + "\r" + "|\r" * (size // 2 - 300),
    "a narrow table": lambda size: "a|b\n-|-\n" + "c\n" * (size // 2),
    "fences": lambda size: "```\n" * (size // 4),
    "lines": lambda size: "a\n" * (size // 2),
    "spaces": lambda size: "a" + " " * size + "b",
    "mentions": lambda size: "@a" * (size // 2),
}


def seconds(source: str) -> float:
    """Return the processor's time, the less of two tries: the machine has other things to do, the text has not."""
    taken = []
    for _try in range(2):
        began = time.process_time()
        render_post(source)
        taken.append(time.process_time() - began)
    return min(taken)


@pytest.mark.parametrize("shape", COSTLY)
def test_eight_times_the_text_costs_far_from_sixty_four_times(shape: str) -> None:
    small, large = COSTLY[shape](_SIZE // 8), COSTLY[shape](_SIZE)
    assert seconds(large) < 24 * seconds(small) + 0.02
    html = render_post(large)
    assert len(html) < 6 * len(large) + 20 * text._MOST_CELLS
    assert depth_of(html) <= 80  # an app that draws elements within elements gets through


def test_without_its_limits_a_table_grows_and_emphasis_nests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text, "_MOST_CELLS", 10**9)
    monkeypatch.setattr(text, "_MOST_LEVELS", 10**9)
    assert len(render_post(COSTLY["a wide table"](1_200))) > 100 * 1_200
    assert depth_of(render_post(COSTLY["emphasis within"](1_200))) > 250
