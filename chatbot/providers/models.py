"""What was asked of models: how much, how long, what it cost."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class ProviderCall(models.Model):
    """One call of one provider, however it ended. Neither what was asked nor any key is in it.

    ``cost_micros`` are millionths of the currency of the prices in the settings, by the tokens that the provider
    reported, or where it reported none (``is_estimate``) by an estimate. ``outcome`` is ``answered``, or why not.
    """

    class Outcome(models.TextChoices):
        ANSWERED = "answered", _("answered")
        CUT_OFF = "cut_off", _("cut off")
        TIMED_OUT = "timed_out", _("timed out")
        BUSY = "busy", _("too busy")
        FAILED = "failed", _("failed")
        REFUSED = "refused", _("refused")
        STOPPED = "stopped", _("stopped by its reader")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("user"),
    )
    purpose = models.CharField(_("for"), max_length=20)
    provider = models.CharField(_("provider"), max_length=20)
    model = models.CharField(_("model"), max_length=100)
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome)
    prompt_tokens = models.PositiveIntegerField(_("tokens read"), default=0)
    completion_tokens = models.PositiveIntegerField(_("tokens written"), default=0)
    is_estimate = models.BooleanField(_("estimated"), default=False)
    cost_micros = models.PositiveBigIntegerField(_("cost in millionths"), default=0)
    milliseconds = models.PositiveIntegerField(_("milliseconds"), default=0)
    started_at = models.DateTimeField(_("started"), default=timezone.now)

    class Meta:
        ordering = ["-started_at", "-id"]
        verbose_name = _("call of a provider")
        verbose_name_plural = _("calls of providers")
        indexes = [models.Index(fields=["-started_at"], name="provider_calls_latest")]

    def __str__(self) -> str:
        return f"{self.provider} {self.model}"
