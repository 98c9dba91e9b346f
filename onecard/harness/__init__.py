"""Running suites: sessions, verdicts, evidence, replay."""
