"""The rules: who may do what, when, and what follows from it. Knows no GraphQL, no HTTP, no queue."""
