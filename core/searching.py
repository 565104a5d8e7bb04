"""What somebody means who types a few words to find something; which texts a thing is found by is its own affair."""


def has_every_word(words: str, *texts: str) -> bool:
    """Say whether each word stands somewhere in some texts, however it is written in capitals; no word asks for nothing.

    Example:
        >>> has_every_word("老年 民政", "老年综合津贴", "区民政局")
        True
    """
    text = "\n".join(texts).casefold()
    return all(word in text for word in words.casefold().split())
