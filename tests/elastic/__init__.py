"""Tests of the room elastic."""
