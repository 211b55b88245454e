"""What runs in the browser, and what answers it."""
