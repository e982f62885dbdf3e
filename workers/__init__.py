"""Timed work: the dispatcher, the jobs, the timetable. A job reads the clock, calls the domain."""
