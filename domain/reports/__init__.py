"""Reports (报备): claims of partners on leads."""
