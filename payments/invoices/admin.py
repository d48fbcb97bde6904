"""Invoices, credit notes and the ledger, to look at, to download and to sum up; nobody changes them."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Count, QuerySet, Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from e_learning.core.back_office import ReadOnly, Totalled
from payments.invoices.models import Invoice, LedgerEntry
from payments.invoices.pdf import pdf_answer
from payments.invoices.wording import rupees


@admin.register(Invoice)
class InvoiceAdmin(ReadOnly, Totalled):
    list_display = ["number", "kind", "issued_at", "buyer_name", "description", "amount", "tax", "pdf"]
    list_filter = ["kind", "financial_year", "issued_at"]
    search_fields = [
        "number",
        "buyer_name",
        "buyer_email",
        "description",
        "payment__receipt",
        "payment__razorpay_payment_id",
    ]
    date_hierarchy = "issued_at"
    totals_of = [_("kind"), _("documents"), _("taxable value"), "CGST", "SGST", "IGST", _("total")]

    def totals(self, rows: QuerySet[Invoice]) -> list[list[Any]]:
        columns = ("taxable_paise", "cgst_paise", "sgst_paise", "igst_paise", "total_paise")
        sums = {name: Sum(name) for name in columns}
        by_kind: Any = rows.values("kind").annotate(documents=Count("pk"), **sums).order_by("kind")
        return [
            [Invoice.Kind(row["kind"]).label, row["documents"], *(rupees(row[name]) for name in columns)]
            for row in by_kind
        ]

    def get_urls(self) -> list[URLPattern]:
        page = path("<path:object_id>/pdf/", self.admin_site.admin_view(self.pdf_page), name="payments_invoice_pdf")
        return [page, *super().get_urls()]

    def pdf_page(self, request: HttpRequest, object_id: str) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        invoice = self.get_object(request, object_id)
        if invoice is None:
            raise Http404
        return pdf_answer(invoice)

    @admin.display(description=_("total"), ordering="total_paise")
    def amount(self, invoice: Invoice) -> str:
        return rupees(invoice.total_paise)

    @admin.display(description=_("GST"))
    def tax(self, invoice: Invoice) -> str:
        return rupees(invoice.total_paise - invoice.taxable_paise)

    @admin.display(description="PDF")
    def pdf(self, invoice: Invoice) -> SafeString:
        return format_html('<a href="{}">PDF</a>', reverse("admin:payments_invoice_pdf", args=[invoice.pk]))


@admin.register(LedgerEntry)
class LedgerEntryAdmin(ReadOnly, Totalled):
    list_display = ["at", "posting", "account", "amount", "payment"]
    list_filter = ["account", "at"]
    list_select_related = ["payment"]
    search_fields = ["posting", "payment__receipt", "payment__razorpay_payment_id"]
    date_hierarchy = "at"
    totals_of = [_("account"), _("amount")]

    def totals(self, rows: QuerySet[LedgerEntry]) -> list[list[Any]]:
        by_account = rows.values("account").annotate(balance=Sum("amount_paise")).order_by("account")
        return [[LedgerEntry.Account(row["account"]).label, rupees(row["balance"])] for row in by_account]

    @admin.display(description=_("amount"), ordering="amount_paise")
    def amount(self, entry: LedgerEntry) -> str:
        return rupees(entry.amount_paise)
