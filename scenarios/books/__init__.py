"""Books of accounts: made whole from shares and quantiles, to the wei, or loaded."""
