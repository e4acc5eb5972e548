"""The outside world: contracts say what we need, live calls the vendor, offline answers without a network."""
