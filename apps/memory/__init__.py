"""Facts and passages that a workspace remembers, and how they are found again."""
