import unittest

from merge import merge


class Merge(unittest.TestCase):
    def test_a_users_scalar_wins(self):
        self.assertEqual(merge({"ttl": 30, "loop_wait": 10}, {"ttl": 20}), {"ttl": 20, "loop_wait": 10})

    def test_falsy_scalars_win_too(self):
        self.assertEqual(merge({"timeout": 300, "slots": True}, {"timeout": 0, "slots": False}), {"timeout": 0, "slots": False})

    def test_dictionaries_merge_at_every_depth(self):
        self.assertEqual(
            merge({"postgresql": {"parameters": {"ssl": "on", "port": 5432}}}, {"postgresql": {"parameters": {"ssl": "off"}}}),
            {"postgresql": {"parameters": {"ssl": "off", "port": 5432}}},
        )

    def test_a_users_list_replaces_the_default_list(self):
        self.assertEqual(merge({"pg_hba": ["a", "b"]}, {"pg_hba": ["c"]}), {"pg_hba": ["c"]})

    def test_null_keeps_the_default(self):
        self.assertEqual(merge({"pg_hba": ["a"], "ttl": 30}, {"pg_hba": None, "ttl": None}), {"pg_hba": ["a"], "ttl": 30})

    def test_an_empty_configuration_keeps_the_default(self):
        self.assertEqual(merge({"ttl": 30}, None), {"ttl": 30})

    def test_new_keys_are_added(self):
        self.assertEqual(merge({"a": 1}, {"b": {"c": [2]}}), {"a": 1, "b": {"c": [2]}})

    def test_another_type_replaces(self):
        self.assertEqual(merge({"a": {"b": 1}}, {"a": "off"}), {"a": "off"})
        self.assertEqual(merge({"a": "off"}, {"a": {"b": 1}}), {"a": {"b": 1}})

    def test_the_arguments_stay_as_they_were(self):
        default, user = {"a": {"b": 1}}, {"a": {"b": 2}}
        merge(default, user)
        self.assertEqual((default, user), ({"a": {"b": 1}}, {"a": {"b": 2}}))


if __name__ == "__main__":
    unittest.main()
