"""YAML files, keys and metadata in; one checked, frozen `Configuration` out.

Everything is checked when it is read, and every mistake is reported at once, with file, line and path. A wrong file
changes nothing: `reload` gives a new configuration or the findings. `rv check` prints what this room finds.

    findings      what is wrong, where, and how to mend it
    yaml_reading  YAML to data of which every part knows its line
    variables     `${name}` in values
    model/        what may stand in the files
    loading       the main file and what it includes
    keys          certificates, private keys, sealing keys, the trust bundle
    metadata      the metadata of dienstverleners, suppliers and services
    crossing      what must fit between the files; `crossing_clusters` for suppliers
    assembling    models, keys and metadata to a `Configuration`; `clusters` for suppliers
    encrypting    which keys of a dienstverlener the authenticatiediensten get
    kept          the last good copies of metadata from URLs; `urls` says which those are
    sources       metadata that was fetched while the server runs: judged, and put in its place
    importing/    CSV of the national dienstencatalogus to YAML
    trusting      whom a configuration trusts, and nothing else of it
    known         where a configuration names a party, and nothing else of it
    check         the whole: load, reload, inspect
    result        the `Configuration`
    catalogue     who may ask what, and what is open for it: `broker.ports.Catalogue`
    schema        JSON Schema for editors
"""
