"""The back office of payments, from its rooms."""

from payments.invoices.admin import InvoiceAdmin, LedgerEntryAdmin

__all__ = ["InvoiceAdmin", "LedgerEntryAdmin"]
