"""CSV files of the national dienstencatalogus to our YAML, with a report per line.

In come the bytes of a file, and what the YAML says already; out come lines, each with what it would make or with every
mistake in it, and files to write. Nothing here writes.

    table          bytes to rows: encoding, separator, width, bounds
    cells          one cell to a value, or a mistake
    lines          what came of one line
    services       the 21 columns of diensten
    organisations  the 11 columns of organisations
    merging        what lines make of existing YAML
"""
