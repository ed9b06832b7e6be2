"""One position on a market: its figures, computed by the twin, as rows for a spreadsheet and as a picture."""
