"""The reference encryptor: services 01 and 02, as a library and over HTTP."""
