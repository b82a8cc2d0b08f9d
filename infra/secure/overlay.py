"""Prints SPILO_CONFIGURATION with FILE merged over it. $NAME in a text of FILE stands for a variable of the environment."""
import os
import sys

import yaml

from merge import merge


def expand(node):
    """After YAML was read, so that a password of digits stays a text."""
    if isinstance(node, dict):
        return {key: expand(value) for key, value in node.items()}
    if isinstance(node, list):
        return [expand(value) for value in node]
    return os.path.expandvars(node) if isinstance(node, str) else node


with open(sys.argv[1]) as file:
    overlay = expand(yaml.safe_load(file))
yaml.safe_dump(merge(yaml.safe_load(os.environ["SPILO_CONFIGURATION"]), overlay), sys.stdout)
