"""`make compare`: what one design costs and buys against another, with a verdict to be trusted."""
