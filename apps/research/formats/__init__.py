"""A report as files: JSON, Markdown, HTML, PDF."""
