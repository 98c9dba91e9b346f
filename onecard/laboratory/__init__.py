"""What a laboratory measured on a sample: sheets in YAML or CSV, and how a run asks for their values."""
