"""The pages of the demo: the only code, besides app.py, that knows Streamlit."""
