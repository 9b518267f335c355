"""Announcements: audience, delivery through faults, reports."""
