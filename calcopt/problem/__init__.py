"""Problem files, points and boxes: what a user writes beside a formula."""
