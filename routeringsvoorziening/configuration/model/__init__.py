"""The YAML files as pydantic models: what may stand in them, its form, its bounds and its defaults.

Every model refuses unknown keys. Docstrings and descriptions end up in the JSON Schema that editors read.

    common       names, identifiers, durations, windows, references to keys
    own          who we are: entity ID, keys
    listeners    front channel, back channel, management
    bounds       limits, times, store, audit, logging
    methods      login methods
    mandates     the BVDs: for whom somebody may act
    dienst       dienstverleners and the dienstencatalogus
    decryption   opening identities on behalf of dienstverleners
    cluster      suppliers and the dienstverleners behind them
    main         the main file
"""
