"""The API's verbs: queries, mutations, subscriptions; a few lines each, one file a domain."""
