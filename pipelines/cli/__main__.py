"""`python -m pipelines.cli`, where no console script is installed."""

from pipelines.cli import main

main()
