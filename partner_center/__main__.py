"""`python -m partner_center`: the command line, without an installation."""

from partner_center.cli import main

main()
