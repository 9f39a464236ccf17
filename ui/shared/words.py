"""Numbers as people read them, with a real minus sign. Knows no Streamlit."""


def plain(value: float, decimals: int = 2) -> str:
    """−0.30; what rounds to nothing has no sign."""
    return f"{value:z.{decimals}f}".replace("-", "−")


def signed(value: float, decimals: int = 2) -> str:
    """+0.30 or −0.30; what rounds to nothing has no sign."""
    text = plain(value, decimals)
    return text if text[0] == "−" or not float(text) else f"+{text}"


def share(value: float) -> str:
    """A probability in words that never claim what it does not: "> 99.9 %"."""
    if value > 0.9995:
        return "> 99.9 %"
    if value < 0.0005:
        return "< 0.1 %"
    return f"{100 * value:.1f} %"
