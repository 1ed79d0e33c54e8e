"""The whole chain for tests: the running RV, the other parties, and drivers that are not made of the RV's own code.

browser         what a browser does, without one: cookies per host, forms, redirects
dienstverlener  a DV at the level of bytes: every part of what it sends can be wrong
logging_out     single sign-on and logout, as a DV does them
reading         what is in an answer, read with lxml and xmlsec1 alone
"""
