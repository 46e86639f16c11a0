"""Model services, behind one Protocol."""
