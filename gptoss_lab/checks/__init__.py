"""What is wrong with a cell, found before a person is asked to accept it."""
