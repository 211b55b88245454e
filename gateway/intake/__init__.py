"""From wire events to a committed batch."""
