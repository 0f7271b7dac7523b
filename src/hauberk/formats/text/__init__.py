"""Texts that something acts on: configurations, templates, lists of requirements, source code."""
