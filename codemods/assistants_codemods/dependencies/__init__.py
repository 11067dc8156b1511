"""The files that say what a program is installed with: where the rewritten code needs a package, they gain it."""
