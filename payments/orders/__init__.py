"""What is bought: prices, coupons, orders and the payments that settle them."""
