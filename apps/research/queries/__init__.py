"""Page-shaped reads of research: lists, the run page, reports. Frozen values out; templates run no query."""
