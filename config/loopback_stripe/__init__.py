"""A Stripe of this machine, for the demonstration and the tests: real HTTP, real signatures, no money.

It stands for somebody else's program: it knows no settings, no database and no secret of ours.
"""
