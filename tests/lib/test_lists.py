"""A list in the language of whoever reads it."""

from __future__ import annotations

import pytest
from django.utils.translation import override

from apps.lib import lists


@pytest.mark.parametrize(
    ("language", "said"), [("en", "a, 2, c"), ("de", "a, 2, c"), ("ja", "a、2、c"), ("ar", "a، 2، c")]
)
def test_a_list_takes_the_separator_of_its_language(language: str, said: str) -> None:
    with override(language):
        assert lists.join(["a", 2, "c"]) == said
        assert lists.join([]) == ""
