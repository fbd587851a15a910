"""What a run tells: progress while it works, lines on the terminal, one page that it leaves."""
