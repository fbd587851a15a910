"""The Delta Sharing server of an agency: other bureaus read what is shared with them, with stock clients."""
