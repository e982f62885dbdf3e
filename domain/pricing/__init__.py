"""What an order would cost, and what orders do cost."""
