"""The test world that the simulators, the demo, the tests and the bench share.

layout     who is in it: names, entity IDs, ports, files
profile    what a test PKI must contain; read from YAML
authority  root, intermediate and leaves
files      keys and certificates on disk
pki        the test PKI of a world: made, kept, renewed
bsnk_keys  its BSNk: a scheme, and keys for every recipient
persons    the test persons who can log in
europe     other countries, and the people and companies that log in from there
families   everybody, children and clients too, as the BRP knows them
"""
