"""What people are told: notices in the product, and mail."""
