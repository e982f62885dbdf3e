"""What happens once an order is paid: the cloud provisions it, supervision watches, it runs."""
