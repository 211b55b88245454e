"""From MongoDB change streams to async iterators, and presence timers."""
