"""What a safe callable may be given: small pure functions from an effect to the reason why not, or an empty text.

A stream that uses only safe names can still do harm by how it uses them, so each function closes a way that works. Only
the outermost values matter: what lies inside them was itself made by an effect, and judged there.
"""
