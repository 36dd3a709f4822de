class Refusal(Exception):
    """Fetch Hive cannot start. The message is one sentence: what is wrong, and what to do."""
