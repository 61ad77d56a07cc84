"""Importing this loads the analyser: processes forked from here on need not, 30 times over."""

from mundap.index.korean.morphemes import analyse

analyse("환불")
