"""One file a step: output contract, run(context)."""
