import dataclasses

import pytest

from vae_model.model.config import ConfigError, ModelConfig, TrainConfig, from_dict
from vae_model.model.presets import preset


def test_article_preset_has_the_articles_numbers() -> None:
    model, train = preset("article").model, preset("article").train
    assert (model.z_dim, model.activation) == (10, "sigmoid")
    assert model.encoder_hidden == model.decoder_hidden == model.classifier_hidden == (128,)
    assert (model.likelihood, model.likelihood_std) == ("gaussian", 0.5)
    assert (train.batch_size, train.epochs, train.classification_weight) == (100, 20, 10)
    assert (train.optimizer, train.learning_rate) == ("adam", 1e-3)
    assert (train.decoder_condition, train.augment) == ("softmax", False)
    assert train.density_ratio_weight == train.recognition_weight == 0


@pytest.mark.parametrize(
    ("kind", "field", "value"),
    [
        (ModelConfig, "z_dim", 10.0),
        (ModelConfig, "z_dim", True),
        (ModelConfig, "encoder_hidden", ()),
        (ModelConfig, "encoder_hidden", (0,)),
        (ModelConfig, "encoder_hidden", (8, True)),
        (ModelConfig, "encoder_hidden", "128"),
        (ModelConfig, "decoder_hidden", (128,) * 5),
        (ModelConfig, "classifier_hidden", [5000]),
        (ModelConfig, "activation", "swish"),
        (ModelConfig, "likelihood", None),
        (ModelConfig, "likelihood_std", float("nan")),
        (ModelConfig, "likelihood_std", 10**400),
        (ModelConfig, "encoder_sees_digit", 1),
        (TrainConfig, "learning_rate", 0),
        (TrainConfig, "learning_rate", float("inf")),
        (TrainConfig, "epochs", "3"),
        (TrainConfig, "optimizer", "lion"),
        (TrainConfig, "synthetic_fraction", 0.2),  # without augment
        (TrainConfig, "views", 2),  # likewise
    ],
)
def test_impossible_values_are_refused_by_name(kind: type, field: str, value: object) -> None:
    with pytest.raises(ConfigError, match=field):
        kind(**{field: value})
    with pytest.raises(ConfigError, match=field):
        from_dict(kind, dataclasses.asdict(kind()) | {field: value})


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (None, "NoneType"),
        ([], "list"),
        ({}, "lacks"),
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
    old = {
        "averaging": 0.9,
        "augment": True,
        "pen_fraction": 0.1,
        "independence_weight": 1.0,
        "secrecy_weight": 2.0,
        "legibility_weight": 3.0,
        "constancy_weight": 4.0,
    }
    assert from_dict(TrainConfig, old) == TrainConfig(
        ema_decay=0.9,
        augment=True,
        synthetic_fraction=0.1,
        density_ratio_weight=1.0,
        adversarial_weight=2.0,
        recognition_weight=3.0,
        style_consistency_weight=4.0,
    )


@pytest.mark.parametrize("name", dataclasses.asdict(ModelConfig()))
def test_from_dict_fills_in_no_field_of_a_model(name: str) -> None:
    values = dataclasses.asdict(ModelConfig())
    del values[name]
    with pytest.raises(ConfigError, match=f"lacks {name}"):
        from_dict(ModelConfig, values)
