"""Files that lessons show: pictures and attachments named by their text."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Asset(models.Model):
    """One file of a course that texts refer to as ``asset:<id>``.

    Private: its address is signed when a text that shows it is opened. Named by the hash of its bytes
    within the course, so an import that runs again stores nothing twice.
    """

    course = models.ForeignKey(
        "courses.Course", on_delete=models.CASCADE, related_name="assets", verbose_name=_("course")
    )
    name = models.CharField(_("name"), max_length=255)
    file = models.FileField(_("file"), upload_to="assets/%Y/%m")
    digest = models.CharField(_("hash"), max_length=64)
    size = models.PositiveBigIntegerField(_("bytes"))
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        ordering = ["id"]
        verbose_name = _("file of a course")
        verbose_name_plural = _("files of courses")
        constraints = [
            models.UniqueConstraint(fields=["course", "digest", "name"], name="one_asset_per_bytes_and_name")
        ]

    def __str__(self) -> str:
        return self.name
