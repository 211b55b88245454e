"""Customer journeys, collected, stitched, predicted and streamed live in GraphQL."""
