"""How Spilo merges SPILO_CONFIGURATION over its own configuration."""


def merge(default, user):
    """Dictionaries merge, scalars and lists of the user replace, null keeps the default. Changes neither argument."""
    if user is None:
        return default
    if isinstance(default, dict) and isinstance(user, dict):
        return {**default, **{key: merge(default.get(key), value) for key, value in user.items()}}
    return user
