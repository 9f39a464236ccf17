"""The pages: what each is called and where it is found. Streamlit takes a page by its file."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Page:
    title: str
    sentence: str
    """What to do there."""

    @property
    def address(self) -> str:
        """Of the page, below the app's own; its folder is called so too. Links that people have end
        where a page gets another title."""
        return self.title.lower().replace("-", "")

    @property
    def file(self) -> str:
        """Its script, below the project's folder."""
        return f"ui/{self.address}/page.py"


EXPLORE = Page("Explore", "Move a slider and all ten digits change their handwriting together.")
DRAW = Page("Draw", "Draw a digit: the model reads it, then writes all ten in your hand.")
TRAIN = Page("Train", "Watch a model learn: ten digits come out of the fog, epoch by epoch.")
INSIDE = Page("Inside", "Follow one image through the three networks, number by number.")
XRAY = Page("X-ray", "See what each style dim holds, and what it does to the writing.")
MAP = Page("Map", "2,000 test digits by their style: those close together are written alike.")
EXPERIMENTS = Page("Experiments", "Predict what will come out. Then see it, and why.")
MODELS = Page("Models", "Every figure of two models, what it means, and what good would be.")
PAGES = (EXPLORE, DRAW, TRAIN, INSIDE, XRAY, MAP, EXPERIMENTS, MODELS)
"""In the order of the menu; the first is the one that opens."""
