"""The operations of the inbox: everybody has one, and chooses what comes into it."""

INBOX_OPERATIONS = (
    "inbox",
    "inboxMarkRead",
    "inboxMarkAllRead",
    "notificationPreferences",
    "notificationPreferencesSet",
)
