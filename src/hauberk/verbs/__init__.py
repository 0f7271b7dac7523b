"""The verbs: one module a capability; each walks, drives the floors above, and keeps the budget."""
