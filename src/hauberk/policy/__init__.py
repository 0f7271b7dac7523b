"""Policy: (subject, gate, evidence, policy, now) to a verdict. Pure."""
