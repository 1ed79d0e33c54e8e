"""The test world that the simulators, the demo, the tests and the bench share.

layout     where everything is: addresses, ports, files; and the names of the two below, so that one leads to all
parties    who is in it: names and entity IDs
diensten   what can be done at which dienstverlener
profile    what a test PKI must contain; read from YAML
authority  root, intermediate and leaves
files      keys and certificates on disk
pki        the test PKI of a world: made, kept, renewed
bsnk_keys  its BSNk: a scheme, and keys for every recipient
persons    the test persons who can log in
europe     other countries, and the people and companies that log in from there
families   everybody, children and clients too, as the BRP knows them
"""
