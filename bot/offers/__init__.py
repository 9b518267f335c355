"""The directory of offers: what it holds, how it is asked, read, written and checked."""
