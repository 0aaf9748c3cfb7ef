"""When work starts by itself: cron expressions, what is due, pause and conditions, and the loop that asks."""
