"""Our own HTML set as PDF by a process that runs alone: no Django, no network, no files but the fonts beside it."""
