"""Hostile messages, made systematically, each with proof that it is dangerous to somebody.

handmade   signatures by hand, without libxmlsec: any algorithm, reference, transform or KeyInfo
genuine    the untouched messages that every variant starts from
operators  what a variant is: a pure function on a tree or on bytes, with its provenance and the codes it must meet
naive      careless readers: each wrap variant must deceive at least one of them
wrapping   signature wrapping, as a product of holder, signature, identifier, order and depth; XSW1-8 by name
signatures, references, texts, identifiers, bytes_level, meaning, prefixes    the other families
"""
