"""Performance (业绩): what a partner sold, month by month, and the sheets that say so."""
