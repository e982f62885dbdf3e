"""The way of a statement: reviewed, sent, countersigned, invoiced, paid, or taken back."""
