"""Invoices, credit notes and the ledger. Rows here are written once and never changed. Money is in paise."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class InvoiceCounter(models.Model):
    """The last number given in one series and financial year.

    Moved by the transaction that writes the document, so that a number is taken exactly when its
    document exists: no gaps (rule 46(b) of the CGST Rules asks for consecutive numbers).
    """

    series = models.CharField(_("series"), max_length=8)
    financial_year = models.CharField(_("financial year"), max_length=7)
    last = models.PositiveIntegerField(_("last number"), default=0)

    class Meta:
        verbose_name = _("counter of invoices")
        verbose_name_plural = _("counters of invoices")
        constraints = [models.UniqueConstraint(fields=["series", "financial_year"], name="one_counter_per_series_year")]

    def __str__(self) -> str:
        return f"{self.series}/{self.financial_year}: {self.last}"


class Invoice(models.Model):
    """A tax invoice for a captured payment, or a credit note for a processed refund.

    Seller and buyer are written down as they were. One line a document: what was bought.
    ``total_paise`` is what was paid or given back; the taxes are inside it.
    """

    class Kind(models.TextChoices):
        INVOICE = "invoice", _("invoice")
        CREDIT_NOTE = "credit_note", _("credit note")

    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    series = models.CharField(_("series"), max_length=8)
    financial_year = models.CharField(_("financial year"), max_length=7, help_text=_("April to March, such as 2026-27"))
    sequence = models.PositiveIntegerField(_("number in its series"))
    number = models.CharField(_("number"), max_length=16, unique=True)
    payment = models.ForeignKey(
        "payments.Payment", on_delete=models.PROTECT, related_name="invoices", verbose_name=_("payment")
    )
    refund = models.OneToOneField(
        "payments.RefundRequest",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="credit_note",
        verbose_name=_("refund"),
    )
    corrects = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="credit_notes",
        verbose_name=_("corrects invoice"),
    )
    issued_at = models.DateTimeField(_("issued"))
    seller = models.JSONField(_("seller"), help_text=_("name, address, gstin and state as they were"))
    buyer_name = models.CharField(_("buyer"), max_length=150)
    buyer_email = models.CharField(_("buyer's e-mail address"), max_length=254)
    place_of_supply = models.CharField(_("place of supply"), max_length=2, blank=True, help_text=_("GST state code"))
    description = models.CharField(_("description"), max_length=250)
    sac = models.CharField(_("service accounting code"), max_length=8)
    gst_rate = models.DecimalField(_("GST rate in percent"), max_digits=5, decimal_places=2)
    taxable_paise = models.PositiveBigIntegerField(_("taxable value in paise"))
    cgst_paise = models.PositiveBigIntegerField(_("CGST in paise"), default=0)
    sgst_paise = models.PositiveBigIntegerField(_("SGST in paise"), default=0)
    igst_paise = models.PositiveBigIntegerField(_("IGST in paise"), default=0)
    total_paise = models.PositiveBigIntegerField(_("total in paise"))
    currency = models.CharField(_("currency"), max_length=3)

    class Meta:
        verbose_name = _("invoice")
        verbose_name_plural = _("invoices")
        ordering = ["-issued_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["series", "financial_year", "sequence"], name="one_document_per_number"),
            models.UniqueConstraint(fields=["payment"], condition=Q(kind="invoice"), name="one_invoice_per_payment"),
            models.CheckConstraint(
                condition=Q(
                    total_paise=F("taxable_paise") + F("cgst_paise") + F("sgst_paise") + F("igst_paise"),
                ),
                name="invoice_adds_up",
            ),
            models.CheckConstraint(
                condition=Q(igst_paise=0) | Q(cgst_paise=0, sgst_paise=0), name="invoice_within_or_between_states"
            ),
            models.CheckConstraint(
                condition=Q(kind="invoice", refund__isnull=True, corrects__isnull=True)
                | Q(kind="credit_note", refund__isnull=False, corrects__isnull=False),
                name="credit_note_corrects_for_a_refund",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class LedgerEntry(models.Model):
    """One side of one posting. The entries of a posting sum to zero: what one account gains another gives.

    Debit is positive, credit negative. ``gateway`` is what Razorpay holds for the school or paid out
    to it, ``revenue`` and ``gst`` what was earned and is owed to the tax office, ``surplus`` what was
    paid twice and is owed back. A posting is named after what caused it, so it is written once.
    """

    class Account(models.TextChoices):
        GATEWAY = "gateway", _("held by the gateway")
        REVENUE = "revenue", _("revenue")
        GST = "gst", _("GST")
        SURPLUS = "surplus", _("paid twice")

    posting = models.CharField(_("posting"), max_length=60)
    account = models.CharField(_("account"), max_length=8, choices=Account)
    amount_paise = models.BigIntegerField(_("amount in paise"))
    payment = models.ForeignKey(
        "payments.Payment", on_delete=models.PROTECT, related_name="ledger", verbose_name=_("payment")
    )
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("ledger entry")
        verbose_name_plural = _("ledger entries")
        ordering = ["-at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["posting", "account"], name="one_entry_per_posting_and_account"),
            models.CheckConstraint(condition=~Q(amount_paise=0), name="ledger_entry_moves_something"),
        ]

    def __str__(self) -> str:
        return f"{self.posting} {self.account}: {self.amount_paise}"
