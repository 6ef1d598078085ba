"""The report as one self-contained HTML page: no network, no other files."""
