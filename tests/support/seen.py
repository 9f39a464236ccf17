"""What a visitor sees on a page that AppTest ran."""

import json
from html.parser import HTMLParser
from typing import Any

from streamlit.testing.v1 import AppTest


def open_page(app: AppTest, name: str) -> AppTest:
    return app.run().switch_page(f"ui/{name}/page.py").run()


def choose(app: AppTest, key: str, value: object) -> AppTest:
    """One of a row of choices."""
    return app.segmented_control(key=key).set_value(value).run()


def labels(app: AppTest) -> list[str]:
    """Of the buttons."""
    return [each.label for each in app.button]


def click(app: AppTest, label: str) -> AppTest:
    return app.button[labels(app).index(label)].click().run()


def said(app: AppTest) -> str:
    """What stands on the page as Markdown."""
    kinds = (app.markdown, app.header, app.caption, app.info)
    return "\n".join(each.value for kind in kinds for each in kind)


class _Reader(HTMLParser):
    """The page's own HTML: its words, and the attributes of each element."""

    def __init__(self, app: AppTest) -> None:
        super().__init__()
        self.words: list[str] = []
        self.elements: list[dict[str, str | None]] = []
        for element in app.get("html"):
            if not element.proto.body.startswith("<style"):
                self.feed(element.proto.body)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(dict(attrs))

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def words(app: AppTest) -> list[str]:
    """The texts of the page's HTML, an element's each."""
    return _Reader(app).words


def html(app: AppTest) -> str:
    return "".join(element.proto.body for element in app.get("html"))


def text(app: AppTest) -> str:
    return " ".join(words(app))


def pictures(app: AppTest) -> dict[str, str]:
    """How each picture is drawn, by the name it has for those who do not see it."""
    images = [each for each in _Reader(app).elements if each.get("role") == "img"]
    return {str(each["aria-label"]): str(each.get("style")) for each in images}


def components(app: AppTest, name: str) -> list[Any]:
    """What the page gives a component of ours, wherever that is: a proto each."""
    every = app.get("bidi_component")
    return [each.proto for each in every if each.proto.component_name.endswith(name)]


def component(app: AppTest, name: str) -> Any:
    """Its data, the first one's; None where there is none."""
    found = components(app, name)
    return json.loads(found[0].json) if found else None


def heard(app: AppTest) -> list[str]:
    """What a screen reader is told of the page."""
    return [json.loads(each.json)["said"] for each in components(app, "aloud")]
