"""What ``import annotate`` offers, a module for each kind of call; ``annotate/__init__.py`` names them lazily."""
