"""The life of one model, as `hauberk.yaml` describes it: six stages, each done only where its evidence is missing."""
