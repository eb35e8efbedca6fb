"""What search engines are told of a rating: only where the webmaster says of what."""

import json
from typing import Any

import pytest
from comments_service.plugins.rating.search_engines import TYPES
from flask import Flask

from comments_service import sites
from comments_service.config import ConfigError
from comments_service.core import Core
from comments_service.testing import ORIGIN, PAGE, Reader, add_site, linked_data

# No store makes a difference to what is asked, said and refused here.
STORES = ("sqlite",)

RECIPES = "recipes"


@pytest.fixture
def cook(app: Flask) -> Reader:
    """Return a reader of the site whose pages are recipes."""
    add_site(app, RECIPES, rating={"schema": "Recipe"})
    return Reader(app, site=RECIPES)


def rate(reader: Reader, *stars: int) -> None:
    for each in stars:
        path = f"/api/v1/sites/{reader.site}/rating"
        body = json.dumps({"stars": each})
        query = {"page": reader.page}
        assert reader.send("PUT", path, query_string=query, data=body).status_code == 200


def told(reader: Reader, door: str = "include") -> list[dict[str, Any]]:
    query = {"page": reader.page, "lang": reader.lang}
    html = reader.send("GET", f"/{door}/{reader.site}/rating", query_string=query).text
    return linked_data(html)


@pytest.mark.parametrize("door", ["include", "embed"])
@pytest.mark.parametrize("lang", ["vi", "en"])
def test_what_the_page_is_about_is_told_with_its_rating(cook: Reader, door: str, lang: str) -> None:
    cook.lang = lang
    cook.view(title="Bún bò </script> Huế")
    rate(cook, 4, 4, 4, 5)

    assert told(cook, door) == [
        {
            "@context": "https://schema.org",
            "@type": "Recipe",
            "name": "Bún bò </script> Huế",
            "url": ORIGIN + PAGE,
            "aggregateRating": {
                "@type": "AggregateRating",
                "ratingValue": 4.3,
                "ratingCount": 4,
                "bestRating": 5,
                "worstRating": 1,
            },
        }
    ]


def test_the_average_is_the_one_that_readers_see(cook: Reader) -> None:
    cook.view(title="Bún bò")
    rate(cook, *[1] * 19, 2)

    [recipe] = told(cook)

    assert recipe["aggregateRating"]["ratingValue"] == 1.1


def test_without_a_word_nothing_is_told(reader: Reader) -> None:
    reader.view(title="Khởi công đường liên xã")
    rate(reader, 5)

    assert told(reader) == []


def test_without_a_rating_or_a_title_nothing_is_told(cook: Reader) -> None:
    assert told(cook) == []
    rate(cook, 5)
    assert told(cook) == []

    cook.page = "/khac"
    cook.view(title="Bún bò")
    assert told(cook) == []


def test_a_key_that_is_no_address_is_not_told(cook: Reader) -> None:
    cook.page = "mon-1"
    cook.view(title="Bún bò")
    rate(cook, 5)

    [recipe] = told(cook)

    assert "url" not in recipe


def test_the_script_door_carries_none(cook: Reader) -> None:
    cook.view(title="Bún bò")
    rate(cook, 5)

    assert "<script" not in cook.view("rating")["widgets"]["rating"]


def set_schema(core: Core, site: str, text: str) -> None:
    with core.db.write() as session:
        sites.set_setting(core.plugins, sites.get(session, site), "rating.schema", text)


def test_every_type_can_be_set_and_taken_back(core: Core, cook: Reader) -> None:
    cook.view(title="Một trang")
    rate(cook, 5)

    for each in TYPES:
        set_schema(core, RECIPES, each)
        assert told(cook)[0]["@type"] == each
    set_schema(core, RECIPES, "")
    assert told(cook) == []


@pytest.mark.parametrize(
    "word", ["NewsArticle", "Article", "HowTo", "GovernmentOffice", "recipe", " ", "</script>"]
)
def test_another_word_is_refused_with_the_list(core: Core, cook: Reader, word: str) -> None:
    with pytest.raises(ConfigError) as refusal:
        set_schema(core, RECIPES, word)

    assert f"rating.schema={word!r}" in str(refusal.value)
    assert ", ".join(TYPES) in str(refusal.value)
