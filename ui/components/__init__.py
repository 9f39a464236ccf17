"""Components of our own: a typed Python wrapper each, with its JavaScript and CSS beside it."""
