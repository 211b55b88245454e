"""The GraphQL schema: types declared over stored documents, loaders, queries, mutations, subscriptions."""
