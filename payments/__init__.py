"""Money: orders, gateways, webhooks, refunds, subscriptions, invoices."""
