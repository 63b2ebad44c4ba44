"""Korean tables and patterns as data, each with its source."""
