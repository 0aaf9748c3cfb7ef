"""TMDb's API: what can be asked, when it may be asked, and what the answers mean. It fetches and keeps nothing."""
