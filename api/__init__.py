"""The HTTP side: GraphQL, tokens, pages."""
