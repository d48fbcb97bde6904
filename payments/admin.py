"""The back office of payments, from its rooms."""

__all__: list[str] = []
