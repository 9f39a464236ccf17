import pytest

from vae_model.model.config import ConfigError, ModelConfig, TrainConfig
from vae_model.model.fields import FIELDS, Field
from vae_model.model.presets import PRESETS


@pytest.mark.parametrize("field", FIELDS.values(), ids=lambda field: field.name)
def test_every_field_has_a_line_and_every_number_bounds_that_hold(field: Field) -> None:
    assert 20 <= len(field.help) <= 90 and field.help.endswith(".")
    assert (field.bounds is not None) == (field.kind in (int, float, tuple))
    if field.bounds is None:
        return
    kind = ModelConfig if field.of_model else TrainConfig
    needs = {"augment": True} if field.name in ("views", "synthetic_fraction") else {}

    def make(value: float) -> object:
        number = int(value) if field.kind in (int, tuple) else value
        return kind(**{field.name: (number,) if field.kind is tuple else number} | needs)

    make(field.bounds.low)
    make(field.bounds.high)
    for outside in (field.bounds.low - 1, field.bounds.high + 1):
        with pytest.raises(ConfigError, match=field.name):
            make(outside)


def test_fields_of_a_group_stand_together() -> None:
    groups = [field.group for field in FIELDS.values()]
    assert groups == sorted(groups, key=groups.index)


@pytest.mark.parametrize("name", PRESETS)
def test_what_a_field_writes_it_reads_again(name: str) -> None:
    preset = PRESETS[name]
    for field in FIELDS.values():
        value = getattr(preset.model if field.of_model else preset.train, field.name)
        assert field.parse(field.text(value)) == value
