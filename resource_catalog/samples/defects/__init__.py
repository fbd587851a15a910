"""The twenty-five defects that sources have in practice (standards.md 8), planted into the city and labelled."""
