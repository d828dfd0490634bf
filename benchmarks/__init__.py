"""Speed, size and accuracy, measured: ratios to a floor in the same run. Never part of the tests."""
