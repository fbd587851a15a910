"""One workbook per owning section: the bad rows, what is wrong with them and how to mend it, and a place to answer."""
