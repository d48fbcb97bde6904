"""Words on the screen: subtitles."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from courses.catalogue.models import Content


class Subtitle(models.Model):
    """One language's subtitles of one video. ``cues``: ``[{"start", "end", "text"}]`` by start, in decimal seconds."""

    content = models.ForeignKey(Content, on_delete=models.CASCADE, related_name="subtitles", verbose_name=_("content"))
    language = models.CharField(_("language"), max_length=20)
    cues = models.JSONField(_("cues"), default=list)

    class Meta:
        ordering = ["language", "id"]
        verbose_name = _("subtitles of one language")
        verbose_name_plural = _("subtitles")
        constraints = [models.UniqueConstraint(fields=["content", "language"], name="one_subtitle_per_language")]

    def __str__(self) -> str:
        return f"{self.content_id}: {self.language}"
