"""Exports of a campaign as files: spreadsheets, tables for programs, and the files of Pol.is."""
