"""The servers Footnote brings along: how each is laid out, started, recognised and stopped."""
