"""What is learnt, by a task, from who took what."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class CourseNeighbour(models.Model):
    """That those who took ``course`` took ``neighbour`` more often than chance: the greater ``score`` the more.

    ``together`` is how many learners have both. Rows say nothing of any one learner: a pair of fewer than
    ``neighbours.FEWEST_TOGETHER`` is not kept. All rows are written anew by ``learn_neighbours``.
    """

    course = models.ForeignKey("courses.Course", on_delete=models.CASCADE, related_name="+", verbose_name=_("course"))
    neighbour = models.ForeignKey(
        "courses.Course", on_delete=models.CASCADE, related_name="+", verbose_name=_("taken by the same")
    )
    score = models.FloatField(_("how alike"))
    together = models.PositiveIntegerField(_("learners of both"))
    learned_at = models.DateTimeField(_("learned"))

    class Meta:
        ordering = ["course_id", "-score", "neighbour_id"]
        verbose_name = _("neighbouring course")
        verbose_name_plural = _("neighbouring courses")
        constraints = [models.UniqueConstraint(fields=["course", "neighbour"], name="one_row_a_pair_of_courses")]
        indexes = [models.Index(fields=["course", "-score"], name="nearest_neighbours")]

    def __str__(self) -> str:
        return f"{self.course_id} - {self.neighbour_id}"
