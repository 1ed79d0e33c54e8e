"""The wire of eHerkenning (eTD): what differs from ST-SAML, and what only eTD has. Release 1.13 of its messages.

names          attribute names, levels, types of identifier
identifiers    entity IDs and ServiceIDs
advice         what may stand in the Advice of a makelaar's summary
recipients     identifiers encrypted for a dienstverlener under its eTD name
metadata       of a makelaar, and of a dienstverlener
catalogue      the service catalogue as values (catalogue_reading, catalogue_writing)
"""
