"""The Neo4j behind the graph: the managed server, sessions, the schema."""
