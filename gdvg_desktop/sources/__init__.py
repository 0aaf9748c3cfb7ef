"""Services beside TMDb that this program talks to, a module each: their calls, and their answers in our words."""
