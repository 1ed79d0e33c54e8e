"""The messages of the koppelvlak, each as a frozen value with a builder and a reader.

    build_…(value) -> element     unsigned; `signing` signs it
    read_…(Verified) -> value     from what a known key signed, by the schema and by the exact structure

    authn_request      DV to RV, RV to AD
    artifact_resolve   back channel: give me the message behind this artifact
    artifact_response  back channel: here it is
    response           in an ArtifactResponse: how the login went
    assertion          in a Response: who logged in; with `subject` and `attributes`
    logout_request     end this session
    logout_response    how that went
    status             how it went, in codes
    building, reading  the steps that they share

What a message says is read here; whether that is acceptable (who, when, where, how sure) its receiver judges.
"""
