"""The way out of a sandbox without a network, to addresses that a person named and to no others."""
