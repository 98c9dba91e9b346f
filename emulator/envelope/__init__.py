"""The SM4/SM2 envelope of partner interfaces: canonical text, encipherment, signature. Messages in, messages out."""
