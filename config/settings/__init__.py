"""Settings, by subject. base is what every environment shares."""
