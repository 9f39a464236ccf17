"""The conditional-latent VAE: its networks, training, judgement and serving."""
