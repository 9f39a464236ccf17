"""Numbers and names as people read them: a real minus sign, shares that claim no more than is so,
and nothing that Markdown takes for more than text."""

import re

QUOTED_MOST = 40
"""Characters of a quoted part of the address."""


def plain(value: float, decimals: int = 2) -> str:
    """−0.30; what rounds to nothing has no sign."""
    return f"{value:z.{decimals}f}".replace("-", "−")


def signed(value: float, decimals: int = 2) -> str:
    """+0.30 or −0.30; what rounds to nothing has no sign."""
    text = plain(value, decimals)
    return text if text[0] == "−" or not float(text) else f"+{text}"


def grouped(text: str) -> str:
    """A text with commas in its large numbers: 10,000."""
    return re.sub(r"\d{4,}", lambda number: f"{int(number[0]):,}", text)


def share(value: float) -> str:
    """A probability in words that never claim what it does not: "> 99.9 %"."""
    if value >= 0.9995:
        return "> 99.9 %"
    if value < 0.0005:
        return "< 0.1 %"
    return f"{100 * value:.1f} %"


def sentence(reason: str) -> str:
    return reason[:1].upper() + reason[1:]


def quoted(value: str) -> str:
    """A part of the address, short and without what Markdown would take for formatting."""
    kept = re.sub(r"[^\w .,()+-]", "", value).strip()
    return f"“{kept if len(kept) <= QUOTED_MOST else kept[: QUOTED_MOST - 1].strip() + '…'}”"


def with_article(digit: int) -> str:
    return f"an {digit}" if digit == 8 else f"a {digit}"


def counted(number: int, thing: str) -> str:
    """So many of a thing: 1 number, 1,000 numbers."""
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def duration(seconds: float) -> str:
    if seconds < 90:
        return counted(max(1, round(seconds)), "second")
    if seconds < 90 * 60:
        return f"{round(seconds / 60)} minutes"
    return f"{seconds / 3600:.1f} hours"


def escaped(text: str) -> str:
    """Text in which Markdown sees nothing but text: no picture, link, colour, formula or emoji."""
    # Addresses become links even where every sign is escaped: a word joiner, which nobody sees,
    # takes them apart.
    text = re.sub(r"(?<=:)(?=//)|(?<=www)(?=\.)|(?<=\w)(?=@)", "\u2060", text, flags=re.IGNORECASE)
    return re.sub(r"([\\`*_{}\[\]()<>#+\-=!|$:~^&])", r"\\\1", text)
