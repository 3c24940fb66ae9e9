"""Verdicts as tables, JSON, JUnit and pages in the terminal."""
