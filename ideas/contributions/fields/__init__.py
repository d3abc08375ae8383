"""What people give in the optional fields of a campaign's form."""
