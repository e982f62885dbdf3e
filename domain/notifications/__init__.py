"""Mails to people, written with the fact and sent after the commit."""
