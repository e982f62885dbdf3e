"""The event log: what happened, to what, by whom; in order, without gaps."""
