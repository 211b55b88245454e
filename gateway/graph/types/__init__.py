"""What can be asked for: GraphQL types declared over the stored documents."""
