"""The reference partner: activation by the platform, notification of it; and the platform's side for tests."""
