import dataclasses

import pytest

from vae_model.model.config import Bounds, ConfigError, ModelConfig, TrainConfig, from_dict


@pytest.mark.parametrize(
    ("kind", "field", "value"),
    [
        *((ModelConfig, "z_dim", value) for value in (10.0, True)),
        *((ModelConfig, "encoder_hidden", value) for value in ((), (0,), (8, True), "128")),
        (ModelConfig, "decoder_hidden", (128,) * 5),
        (ModelConfig, "classifier_hidden", [5000]),
        (ModelConfig, "activation", "swish"),
        (ModelConfig, "likelihood", None),
        *((ModelConfig, "likelihood_std", value) for value in (float("nan"), 10**400)),
        (ModelConfig, "encoder_sees_digit", 1),
        *((TrainConfig, "learning_rate", value) for value in (0, float("inf"))),
        *((TrainConfig, "epochs", "3"), (TrainConfig, "optimizer", "lion")),
        *((TrainConfig, "synthetic_fraction", 0.2), (TrainConfig, "views", 2)),  # without augment
    ],
)
def test_impossible_values_are_refused_by_name(kind: type, field: str, value: object) -> None:
    with pytest.raises(ConfigError, match=field):
        kind(**{field: value})
    with pytest.raises(ConfigError, match=field):
        from_dict(kind, dataclasses.asdict(kind()) | {field: value})


def test_bounds_are_told_as_they_are() -> None:
    assert str(Bounds(0.25, 2**31 - 1)) == "at least 0.25 and at most 2147483647"
    assert str(Bounds(1e-9, 1e6)) == "at least 1e-09 and at most 1000000"


@pytest.mark.parametrize(
    ("values", "said"),
    [
        *((None, "NoneType"), ([], "list")),
        ({"depth": 3, "epochs": 3}, "no field depth, epochs"),
    ],
)
def test_from_dict_refuses_what_asdict_does_not_write(values: object, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        from_dict(ModelConfig, values)


def test_from_dict_fills_in_training_fields_that_an_older_checkpoint_lacks() -> None:
    config = TrainConfig(epochs=3, views=2, augment=True)
    values = dataclasses.asdict(config)
    del values["synthetic_fraction"], values["style_consistency_weight"]
    assert from_dict(TrainConfig, values) == config
    assert from_dict(TrainConfig, {}) == TrainConfig()


def test_from_dict_reads_the_names_that_fields_once_had() -> None:
    names = {
        "averaging": "ema_decay", "pen_fraction": "synthetic_fraction",
        "independence_weight": "density_ratio_weight", "secrecy_weight": "adversarial_weight",
        "legibility_weight": "recognition_weight", "constancy_weight": "style_consistency_weight",
    }  # fmt: skip
    values = {name: place / 10 for place, name in enumerate(names, start=1)}
    now = {names[name]: value for name, value in values.items()}
    read = from_dict(TrainConfig, values | {"augment": True})
    assert read == TrainConfig(augment=True, **now)


@pytest.mark.parametrize("name", dataclasses.asdict(ModelConfig()))
def test_from_dict_fills_in_no_field_of_a_model(name: str) -> None:
    values = dataclasses.asdict(ModelConfig())
    del values[name]
    with pytest.raises(ConfigError, match=f"lacks {name}"):
        from_dict(ModelConfig, values)
