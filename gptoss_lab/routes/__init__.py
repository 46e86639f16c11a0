"""Thin tornado handlers. They translate; they decide nothing."""
