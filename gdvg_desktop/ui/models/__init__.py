"""Models between the engine's answers and the views: plain caches first, Qt around them."""
