"""The reference platform: cards and holders, six controls, holder authentication, one-stop activation."""
