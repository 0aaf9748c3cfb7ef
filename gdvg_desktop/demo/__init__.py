"""A TMDb-compatible server on loopback over a generated catalogue: what "Try the demo" opens, what screenshots
show and what tests talk to. It knows nothing of the rest of the program; every title, person and picture in it
is invented."""
