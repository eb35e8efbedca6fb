"""The core's addresses: each module a blueprint."""
