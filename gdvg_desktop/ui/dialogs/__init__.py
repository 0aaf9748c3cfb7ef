"""The windows over the window, one module each. They are opened with `open()`, never with `exec()`."""
