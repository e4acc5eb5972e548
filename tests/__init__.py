"""Tests: sentences that say what Footnote promises."""
