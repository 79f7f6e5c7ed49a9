"""What the legends of all charts share."""

LEGEND_SIZES = {"s": "small", "m": "medium", "l": "large", "xl": "xlarge"}
