"""Awards outside the system (spot purchases): a package that no answer suits, or that cannot wait for an offer.

A broker or navigator asks, naming the provider, registered or not, the price and why; a second person agrees, and a
contract manager too where the provider is below the scheme's quality gate or suspended. Nobody decides on what they asked
for. It ends in an agreement like any other, or is refused, taken back, or falls with the package.
"""
