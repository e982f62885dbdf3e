"""`partner-center ops …`: timed work seen and steered by the API, from wherever that is reached."""

from partner_center import ops_lists, ops_reports, ops_steering
from partner_center.ops_app import app

__all__ = ["app", "ops_lists", "ops_reports", "ops_steering"]
