"""The reference read-write terminal: functions in, return code and string out; cards only through its access."""
