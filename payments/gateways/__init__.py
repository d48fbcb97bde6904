"""Who is asked for money: Razorpay, or the sandbox that stands in for it."""
