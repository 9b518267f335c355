"""The heart: what is asked, what an answer means, what is shown. Pure; knows no messenger and no database."""
