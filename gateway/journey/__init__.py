"""The domain: what sessions, contacts, outcomes and presence are.

Pure functions over frozen values, with nothing but the standard library; time is an argument.
"""
