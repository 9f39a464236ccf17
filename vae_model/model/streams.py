"""Random numbers, each purpose its own."""

import hashlib

import torch


def stream(purpose: str, seed: int) -> torch.Generator:
    """The same numbers for the same purpose and seed; what is drawn for one moves no other."""
    digest = hashlib.sha256(f"{purpose} {seed}".encode()).digest()
    return torch.Generator().manual_seed(int.from_bytes(digest[:7]))
