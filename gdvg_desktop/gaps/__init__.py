"""What a gap is and how it is found: one file a detector, all of them decided by sets and never by walking numbers."""
