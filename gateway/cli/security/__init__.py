"""`journey-gateway doctor --security`: facts are gathered, each check looks at them, and what is open is told."""
