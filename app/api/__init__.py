"""The API's shell: bearer tokens, problem+json, one OpenAPI description, paging."""
