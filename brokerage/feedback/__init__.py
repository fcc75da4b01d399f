"""What providers are told, without asking, about how their answers ended.

A letter is written when a round ends, to everybody who answered, with their own figures and nothing of anybody else.
"""
