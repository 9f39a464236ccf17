import dataclasses
import json

import pytest

from vae_model.model.config import PRESETS, ConfigError, ModelConfig, TrainConfig, from_dict, preset


@pytest.mark.parametrize("name", PRESETS)
def test_configs_survive_json(name: str) -> None:
    chosen = preset(name)
    for kind, config in ((ModelConfig, chosen.model), (TrainConfig, chosen.train)):
        assert from_dict(kind, json.loads(json.dumps(dataclasses.asdict(config)))) == config


def test_article_preset_has_the_articles_numbers() -> None:
    article = preset("article")
    assert article.model.z_dim == 10
    assert article.model.encoder_hidden == article.model.decoder_hidden == (128,)
    assert article.model.activation == "sigmoid"
    assert (article.model.likelihood, article.model.likelihood_std) == ("gaussian", 0.5)
    assert article.train.classification_weight == 10
    assert (article.train.batch_size, article.train.epochs) == (100, 20)
    assert (article.train.optimizer, article.train.learning_rate) == ("adam", 1e-3)
    assert article.train.decoder_condition == "softmax"
    assert article.train.density_ratio_weight == article.train.recognition_weight == 0


def test_unknown_preset_is_named_with_the_known_ones() -> None:
    with pytest.raises(ConfigError, match=r"no preset 'stdio'.*article.*studio"):
        preset("stdio")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("z_dim", 0),
        ("z_dim", 65),
        ("z_dim", 10.0),
        ("z_dim", True),
        ("encoder_hidden", ()),
        ("encoder_hidden", (0,)),
        ("encoder_hidden", "128"),
        ("decoder_hidden", (128,) * 5),
        ("classifier_hidden", [5000]),
        ("activation", "swish"),
        ("likelihood", None),
        ("likelihood_std", 0),
        ("likelihood_std", float("nan")),
        ("likelihood_std", 10**400),
        ("encoder_sees_digit", 1),
    ],
)
def test_impossible_model_values_are_refused_by_name(field: str, value: object) -> None:
    with pytest.raises(ConfigError, match=field):
        ModelConfig(**{field: value})


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("epochs", 0),
        ("batch_size", -1),
        ("seed", 2**40),
        ("learning_rate", 0),
        ("learning_rate", float("inf")),
        ("beta", -1),
        ("momentum", 1),
        ("optimizer", "lion"),
        ("synthetic_fraction", 0.2),  # without augment
        ("views", 2),  # likewise
    ],
)
def test_impossible_training_values_are_refused_by_name(field: str, value: object) -> None:
    with pytest.raises(ConfigError, match=field):
        TrainConfig(**{field: value})


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (None, "NoneType"),
        ([], "list"),
        ({}, "lacks"),
        (dataclasses.asdict(ModelConfig()) | {"depth": 3}, "no field depth"),
        (dataclasses.asdict(ModelConfig()) | {"z_dim": "10"}, "z_dim"),
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


@pytest.mark.parametrize(("name", "value"), [("decay", 0.1), ("epochs", "3"), ("beta", -1.0)])
def test_from_dict_refuses_a_wrong_training_field_though_others_may_be_missing(
    name: str, value: object
) -> None:
    with pytest.raises(ConfigError, match=name):
        from_dict(TrainConfig, {name: value})
