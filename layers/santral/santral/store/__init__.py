"""AWS in our words: one table, one bucket, two queues, the secrets."""
