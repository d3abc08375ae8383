"""What a text says about people: formats such as a phone number, dates of birth, names of patients."""
