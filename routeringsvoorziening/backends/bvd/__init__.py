"""The bevoegdheidsverklaringsdiensten (BVD): for whom may the person who logged in act?

One class for every BVD that speaks the koppelvlak; how they differ is configuration.

service    the BVD as the core calls it: a leg out with the identity, an answer back
mandate    what an Assertion of a BVD must hold to be a mandate
"""
