"""Peewee models of the library's tables, one module for each migration that makes tables."""
