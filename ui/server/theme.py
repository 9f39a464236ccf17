"""Light or dark for all visitors, where the host says so."""

from streamlit import config

_THEMES = ("light", "dark")


def settle() -> None:
    """Leave the one theme that `theme.base` names: where there are two, Streamlit goes by what each
    visitor's system and menu say, and by nothing else."""
    chosen = config.get_option("theme.base")
    if chosen not in _THEMES:
        return
    for theme in _THEMES:
        for part in ("", ".sidebar"):
            for name, value in config.get_options_for_section(f"theme.{theme}{part}").items():
                if theme == chosen and value is not None:
                    config.set_option(f"theme{part}.{name}", value)
                config.set_option(f"theme.{theme}{part}.{name}", None)
