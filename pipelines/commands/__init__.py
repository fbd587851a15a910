"""The commands: each composes the stages for its purpose and returns what it has to say; none prints or exits."""
