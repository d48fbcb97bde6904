"""What claims of performance are measured with. Nothing of the product imports this."""
