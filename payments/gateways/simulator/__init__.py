"""Razorpay as a pure state machine: its objects, its refusals, its events, without money and without a network.

Written once after Razorpay's documentation and used twice: by the sandbox, which keeps the objects in rows, and by
the server of the tests, which keeps them in memory and speaks real HTTP. ``wire.answer`` is the documented API;
``orders``, ``refunds``, ``subscriptions`` and ``disputes`` hold what happens on the other side of the counter: a buyer
pays, a bank declines, a month passes. Clock, chance and storage come in with the ``Desk``.
"""
