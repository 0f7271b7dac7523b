"""Rules on model files, one module each; `registry` lists them."""
