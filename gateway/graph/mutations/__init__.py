"""What can be changed, one module a kind of thing: inputs, payloads, and a class of mutations."""
