"""What is published to. A target is one module here and one line in `pipelines.commands.wiring`."""
