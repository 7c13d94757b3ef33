"""One-time join codes: easy to read aloud and type, hard to guess. Standard library only."""

import hashlib
import secrets
import unicodedata

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""No 0/O, 1/I/L: people copy these from paper."""

LENGTH = 8
"""31^8 codes: with WRONG_CODE_LIMIT guesses an hour a chat account will not find one."""


def new_join_code() -> str:
    """A fresh code such as K7QM-2XRD, from the operating system's randomness."""
    code = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    return f"{code[:4]}-{code[4:]}"


_SEPARATORS = frozenset(["Pd", "Pc", "Zs", "Cc", "Cf"])
"""Unicode's categories of dashes, underscores, spaces, line breaks and invisible marks."""


def normalise_join_code(text: str) -> str | None:
    """The eight characters of a code however it was typed or pasted, or None if it is none.

    Small letters, full width and every kind of dash, space and invisible mark are put right.
    """
    folded = unicodedata.normalize("NFKC", text).upper()
    code = "".join(c for c in folded if c != "\N{MINUS SIGN}" and unicodedata.category(c) not in _SEPARATORS)
    return code if len(code) == LENGTH and all(c in ALPHABET for c in code) else None


def hash_join_code(code: str) -> str:
    """What is stored of a code. Takes a normalised or a printed one."""
    normalised = normalise_join_code(code)
    if normalised is None:
        raise ValueError("not a join code")
    return hashlib.sha256(f"yushi-join:{normalised}".encode()).hexdigest()
