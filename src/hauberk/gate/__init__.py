"""Gates: collect the evidence, decide, and write it down for a stranger. The only maker of permits."""
