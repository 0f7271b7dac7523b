"""What PyTorch writes: archives of torch.save, TorchScript, packages, exported programs, and older files."""
