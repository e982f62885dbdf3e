"""The API's vocabulary: types, inputs, filters, errors; one file a domain."""
