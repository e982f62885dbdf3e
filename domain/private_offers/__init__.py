"""Private offers (商家优惠): a merchant's price for one customer, brought by a partner."""
