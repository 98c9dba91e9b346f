"""Reference implementations, driven by the data of onecard.spec, with codecs and cryptography of their own."""
