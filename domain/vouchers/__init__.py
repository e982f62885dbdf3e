"""Vouchers, cash coupons and stored-value cards, and the quota that vouchers are cut from."""
