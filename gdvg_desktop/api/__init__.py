"""The control API: the commands over HTTP on 127.0.0.1, for scripts, off until it is switched on.

Like the window and the command line it only calls `commands`. `server` is all that others use of it; what needs
FastAPI and uvicorn is imported when it is first switched on.
"""
