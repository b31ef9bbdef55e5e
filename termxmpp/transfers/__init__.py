"""Files between the disk and the web: nothing here knows XMPP, or waits for a disk itself."""
