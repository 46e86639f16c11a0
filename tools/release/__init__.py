"""What is given to others: packages, their contents and licences, and what runs them on servers."""
