"""The commands of `hub-config`, one a file, and what they share: reading value files, merging them, telling findings.

They read files and print. `hub_config.cli` hands a command line over to them.
"""
