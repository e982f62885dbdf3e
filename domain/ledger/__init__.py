"""The ledger: accounts, and transfers between them whose entries add up to nothing."""
