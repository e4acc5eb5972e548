"""What is done with the site: seeding it, and publishing what is due."""
