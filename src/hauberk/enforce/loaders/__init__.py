"""The loaders: the only folder in which Hauberk deserialises anything, one module a family of formats."""
