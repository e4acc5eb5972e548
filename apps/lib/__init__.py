"""Small tools that know nothing of this product. No tables, no settings of ours."""
