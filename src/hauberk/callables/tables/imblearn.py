"""Safe callables of imbalanced-learn. Made by tools/make_callables.py; do not edit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

RELEASES: Final = ("imbalanced-learn 0.14.2",)

ROWS: Final[Mapping[str, Mapping[str, tuple[str, str, str, str]]]] = {
    "imblearn.combine._smote_enn": {
        "SMOTEENN": ("import new build", "", "", "an estimator: its state fills __dict__"),
    },
    "imblearn.combine._smote_tomek": {
        "SMOTETomek": ("import new build", "", "", "an estimator: its state fills __dict__"),
    },
    "imblearn.ensemble._bagging": {
        "BalancedBaggingClassifier": ("import new build", "", "", "an estimator: its state fills __dict__"),
    },
    "imblearn.ensemble._easy_ensemble": {
        "EasyEnsembleClassifier": ("import new build", "", "", "an estimator: its state fills __dict__"),
    },
    "imblearn.ensemble._forest": {
        "BalancedRandomForestClassifier": ("import new build", "", "", "an estimator: its state fills __dict__"),
    },
    "imblearn.ensemble._weight_boosting": {
        "RUSBoostClassifier": ("import new build", "", "", "an estimator: its state fills __dict__"),
    },
    "imblearn.over_sampling._adasyn": {
        "ADASYN": ("import new build", "", "", "an estimator: its state fills __dict__"),
    },
    "imblearn.over_sampling._random_over_sampler": {
        "RandomOverSampler": ("import new build", "", "", "an estimator: its state fills __dict__"),
    },
    "imblearn.over_sampling._smote.base": {
        "SMOTE": ("import new build", "", "", "an estimator: its state fills __dict__"),
        "SMOTEN": ("import new build", "", "", "an estimator: its state fills __dict__"),
        "SMOTENC": ("import new build", "", "", "an estimator: its state fills __dict__"),
    },
    "imblearn.over_sampling._smote.cluster": {
        "KMeansSMOTE": ("import new build", "", "", "an estimator: its state fills __dict__"),
    },
    "imblearn.over_sampling._smote.filter": {
        "BorderlineSMOTE": ("import new build", "", "", "an estimator: its state fills __dict__"),
        "SVMSMOTE": ("import new build", "", "", "an estimator: its state fills __dict__"),
    },
    "imblearn.pipeline": {
        "Pipeline": ("import new build", "", "", "an estimator: its state fills __dict__"),
    },
    "imblearn.under_sampling._prototype_generation._cluster_centroids": {
        "ClusterCentroids": ("import new build", "", "", "an estimator: its state fills __dict__"),
    },
    "imblearn.under_sampling._prototype_selection._condensed_nearest_neighbour": {
        "CondensedNearestNeighbour": ("import new build", "", "", "an estimator: its state fills __dict__"),
    },
    "imblearn.under_sampling._prototype_selection._edited_nearest_neighbours": {
        "AllKNN": ("import new build", "", "", "an estimator: its state fills __dict__"),
        "EditedNearestNeighbours": ("import new build", "", "", "an estimator: its state fills __dict__"),
        "RepeatedEditedNearestNeighbours": ("import new build", "", "", "an estimator: its state fills __dict__"),
    },
    "imblearn.under_sampling._prototype_selection._instance_hardness_threshold": {
        "InstanceHardnessThreshold": ("import new build", "", "", "an estimator: its state fills __dict__"),
    },
    "imblearn.under_sampling._prototype_selection._nearmiss": {
        "NearMiss": ("import new build", "", "", "an estimator: its state fills __dict__"),
    },
    "imblearn.under_sampling._prototype_selection._neighbourhood_cleaning_rule": {
        "NeighbourhoodCleaningRule": ("import new build", "", "", "an estimator: its state fills __dict__"),
    },
    "imblearn.under_sampling._prototype_selection._one_sided_selection": {
        "OneSidedSelection": ("import new build", "", "", "an estimator: its state fills __dict__"),
    },
    "imblearn.under_sampling._prototype_selection._random_under_sampler": {
        "RandomUnderSampler": ("import new build", "", "", "an estimator: its state fills __dict__"),
    },
    "imblearn.under_sampling._prototype_selection._tomek_links": {
        "TomekLinks": ("import new build", "", "", "an estimator: its state fills __dict__"),
    },
}
