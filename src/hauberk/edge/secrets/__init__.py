"""Short-lived credentials from an OpenBao or Vault server: leased for one run, and revoked at its end."""
