"""Every write of the room: ordering, settling, verifying, charging, lapsing."""

from payments.orders.services.settling import Mismatch, Settled, UnknownOrder, settle_payment

__all__ = ["Mismatch", "Settled", "UnknownOrder", "settle_payment"]
