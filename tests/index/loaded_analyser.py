"""Importing this loads the analyser: processes forked from here on need not, 30 times over."""

from index.morphemes import analyse

analyse("환불")
