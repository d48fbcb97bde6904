"""What authors write becomes what readers get: Markdown, with HTML allowed in it, to clean HTML."""

import nh3
from django.utils.translation import gettext_lazy as _
from markdown_it import MarkdownIt

from courses.catalogue.nesting import nests_too_deep
from e_learning.core.api.errors import InvalidInput

#: The author's scripts, styles and forms never reach a reader; what shows text, pictures and sound does.
_TAGS = (nh3.ALLOWED_TAGS - {"area", "map"}) | {"audio", "source", "tfoot", "video"}
_ATTRIBUTES = {
    "*": {"dir", "lang", "title"},
    "a": {"href"},
    "audio": {"controls", "src"},
    "code": {"class"},
    "col": {"span"},
    "colgroup": {"span"},
    "img": {"alt", "height", "src", "width"},
    "ol": {"start"},
    "source": {"src", "type"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
    "video": {"controls", "height", "poster", "src", "width"},
}
#: ``asset:`` is ours: a file of the course, whose address is signed when the text is opened (courses.media).
_SCHEMES = {"http", "https", "mailto", "asset"}
#: Tags whose inside is no text for people: it goes with them.
_GONE_WHOLE = {"iframe", "math", "noscript", "object", "script", "style", "svg", "template", "title"}

_markdown = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])


class TextTooDeep(InvalidInput):
    code = "nested_too_deep"
    message = _("The text's elements are nested too deep.")


def render_text(source: str) -> str:
    """Return ``source`` (Markdown, HTML allowed) as HTML that is safe to show."""
    return clean_html(_markdown.render(source))


def clean_html(html: str) -> str:
    """Return ``html`` with nothing but the tags, attributes and address schemes that readers may get.

    Raises ``TextTooDeep`` (400) for what would cost the sanitiser quadratic time.
    """
    if nests_too_deep(html):
        raise TextTooDeep(attr="text_content")
    return nh3.clean(
        html,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes=_SCHEMES,
        clean_content_tags=_GONE_WHOLE,
        link_rel="noopener noreferrer",
        strip_comments=True,
    )
