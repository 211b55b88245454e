"""The only room that speaks MongoDB: connection, embedded server, documents, queries and the batch commit."""
