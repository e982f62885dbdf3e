"""GraphQL without a word about partners: documents, limits, refusals, errors, the schema class."""
