"""Location: where somebody was last, as far as the network knows."""
