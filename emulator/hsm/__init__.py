"""The reference encryptor: its four services, as a library and over HTTP."""
