"""Questions about the platform, answered once."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Faq(models.Model):
    """A question that many ask about the platform, with its answer. ``other_words`` are further ways to ask it, a line
    each. The tutor answers with it before anything else where it matches.
    """

    class Category(models.TextChoices):
        ENROLMENT = "enrolment", _("enrolment")
        PAYMENTS = "payments", _("payments")
        DOWNLOADS = "downloads", _("downloads")
        CERTIFICATES = "certificates", _("certificates")
        LEARNING = "learning", _("learning")
        ACCOUNT = "account", _("account")

    question = models.CharField(_("question"), max_length=300)
    answer = models.TextField(_("answer"), max_length=5000)
    other_words = models.TextField(_("other ways to ask"), blank=True)
    category = models.CharField(_("category"), max_length=20, choices=Category)
    language = models.CharField(_("language"), max_length=20, default="en")
    order = models.PositiveIntegerField(_("order"), default=0)
    is_published = models.BooleanField(_("published"), default=True)

    class Meta:
        ordering = ["category", "order", "id"]
        verbose_name = _("frequent question")
        verbose_name_plural = _("frequent questions")
        constraints = [models.UniqueConstraint(fields=["language", "question"], name="one_answer_a_frequent_question")]

    def __str__(self) -> str:
        return self.question
