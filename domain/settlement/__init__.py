"""Settlement (结算): what each sale comes to, and the runs that make statements of it."""
