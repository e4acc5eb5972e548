"""Template tags that know nothing of this product."""
