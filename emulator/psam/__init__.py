"""The reference PSAM: the terminal's security module, sans-IO."""
