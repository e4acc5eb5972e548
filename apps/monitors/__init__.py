"""Monitors: research on a timetable, and what changed since somebody looked."""
