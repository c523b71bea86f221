"""How fast the build is, beside what it cannot do without and beside other tools. `make bench` runs it."""
