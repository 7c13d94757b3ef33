"""The web chat: the same dialogue as Telegram in a phone-sized page, for people whose network cannot reach Telegram."""
