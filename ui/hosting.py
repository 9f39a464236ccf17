"""What a server on the internet needs of the libraries below the app, and has no setting for."""

from functools import cache

from starlette.formparsers import MultiPartParser
from streamlit import config, net_util


def prepare() -> None:
    """To be called once, when the server starts."""
    # To tell whether a foreign page that knocks is one of ours, Streamlit would ask a web service
    # for this machine's address, and every visitor would wait for the answer.
    net_util.get_external_ip = lambda: None
    # Streamlit looks through all of its options for those of the theme, six times in each run of a
    # page: an eighth of what a reading costs. They stay as they are while a server runs.
    options_of = cache(config.get_options_for_section)
    config.get_options_for_section = lambda section: dict(options_of(section))
    # Uploads stay in memory: a disk may be full, and a visitor's picture has no business there.
    # server.maxUploadSize limits them before; the form around one takes a little more.
    MultiPartParser.spool_max_size = (config.get_option("server.maxUploadSize") + 1) * 2**20
