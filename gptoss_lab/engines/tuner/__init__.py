"""The program that tunes a model. It runs in an environment of its own, with torch, peft and TRL.

Nothing of ours imports it, and it imports nothing of ours.
"""
