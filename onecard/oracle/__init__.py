"""The suite's own calculations, on gmssl and pycryptodomex; nothing here is shared with the emulator.

Every function is sans-IO: bytes or text in, bytes or text out.
"""
