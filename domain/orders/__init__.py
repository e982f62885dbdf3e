"""Orders: cart, price, place, pay, cancel; each freezes the terms of its moment."""
