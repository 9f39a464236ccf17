import dataclasses

import pytest

from vae_model.model.config import BOUNDS, PRESETS, ConfigError, ModelConfig, TrainConfig
from vae_model.model.fields import FIELDS, Field, changed, configured

ALL = {field.name for kind in (ModelConfig, TrainConfig) for field in dataclasses.fields(kind)}


def test_every_field_has_its_line() -> None:
    assert FIELDS.keys() == ALL
    for field in FIELDS.values():
        assert 20 <= len(field.help) <= 90 and field.help.endswith("."), field.name
        assert "\n" not in field.help and field.group


def test_every_number_has_its_bounds() -> None:
    for field in FIELDS.values():
        assert (field.bounds is not None) == (field.kind in (int, float, tuple)), field.name
    assert BOUNDS.keys() <= ALL


@pytest.mark.parametrize("field", FIELDS.values(), ids=lambda field: field.name)
def test_bounds_shown_are_those_that_hold(field: Field) -> None:
    """Just outside is refused by name; the bounds themselves are let in."""
    if field.bounds is None:
        return
    kind = ModelConfig if field.of_model else TrainConfig
    needs = {"augment": True} if field.name in ("views", "synthetic_fraction") else {}

    def make(value: float) -> object:
        number = int(value) if field.kind in (int, tuple) else value
        return kind(**{field.name: (number,) if field.kind is tuple else number} | needs)

    low, high, open_low = field.bounds.low, field.bounds.high, field.bounds.open_low
    make(high)
    if not open_low:
        make(low)
    for outside in (low if open_low else low - 1, high + 1):
        with pytest.raises(ConfigError, match=field.name):
            make(outside)


@pytest.mark.parametrize("name", PRESETS)
def test_what_a_field_writes_it_reads_again(name: str) -> None:
    preset = PRESETS[name]
    for field in FIELDS.values():
        value = getattr(preset.model if field.of_model else preset.train, field.name)
        assert field.parse(field.text(value)) == value


@pytest.mark.parametrize(
    ("name", "text"),
    [("epochs", "many"), ("epochs", "1.5"), ("augment", "yes"), ("encoder_hidden", "8,,8")],
)
def test_text_that_is_no_value_is_refused_with_its_form(name: str, text: str) -> None:
    field = FIELDS[name]
    with pytest.raises(ConfigError, match=field.flag) as error:
        field.parse(text)
    assert field.form in str(error.value)


def test_changes_are_told_and_made() -> None:
    wanted = {"z_dim": 3, "epochs": 7, "augment": True}
    model, train = configured("quick", wanted)
    assert (model.z_dim, train.epochs, train.augment) == (3, 7, True)
    assert changed("quick", model, train) == wanted
    assert changed("article", *configured("article", {})) == {}


def test_an_unknown_field_is_refused() -> None:
    with pytest.raises(ConfigError, match="depth"):
        configured("quick", {"depth": 3})
