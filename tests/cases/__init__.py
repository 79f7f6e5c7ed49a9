"""Tables of cases that several rooms must satisfy."""
