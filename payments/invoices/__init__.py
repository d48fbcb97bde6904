"""What is written down for the tax office: numbered invoices, credit notes, the ledger."""
