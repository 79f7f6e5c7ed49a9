"""Write the sample anew."""

from generator.sample import SAMPLE, made

SAMPLE.write_bytes(made())
