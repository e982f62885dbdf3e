"""The rules: who may do what, when, and what follows. Knows no GraphQL, no HTTP, no queue."""
