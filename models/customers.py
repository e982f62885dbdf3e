"""Customers: companies and persons that buy."""

from tortoise import fields

from models.base import Versioned


class Customer(Versioned):
    """A cloud account that buys. Its associations with partners come with their own tables."""

    name = fields.CharField(160)
    account_name = fields.CharField(64, unique=True)

    class Meta:
        table = "customer"
