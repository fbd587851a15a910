"""The one invented city that all samples are taken from: its enterprises, its people, its working days."""
