"""Models as people make them: not one finding, nothing unchecked, in every protocol and by joblib."""

import io
import pickle
import warnings

import joblib
import numpy as np
import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer
from sklearn.datasets import load_breast_cancer
from sklearn.decomposition import PCA
from sklearn.ensemble import (
    AdaBoostClassifier,
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    IsolationForest,
    RandomForestClassifier,
    StackingClassifier,
    VotingClassifier,
)
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer
from sklearn.feature_selection import SelectKBest
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, WhiteKernel
from sklearn.impute import SimpleImputer
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression, SGDClassifier
from sklearn.mixture import GaussianMixture
from sklearn.model_selection import GridSearchCV, RandomizedSearchCV, RepeatedStratifiedKFold
from sklearn.multiclass import OneVsRestClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KernelDensity, KNeighborsClassifier, LocalOutlierFactor
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    OneHotEncoder,
    QuantileTransformer,
    SplineTransformer,
    StandardScaler,
)
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier

from hauberk.checks.model.examine import examine
from hauberk.finding import Outcome
from hauberk.view import BytesView

X, Y = load_breast_cancer(return_X_y=True)
X, Y = X[:120, :6], Y[:120]
WORDS = ["red green", "green blue"] * 10
LOGISTIC = LogisticRegression(max_iter=5)
FOREST = RandomForestClassifier(3, max_depth=3)

MODELS = {
    "random forest": FOREST,
    "gradient boosting": GradientBoostingClassifier(n_estimators=3),
    "histogram boosting": HistGradientBoostingClassifier(max_iter=3, early_stopping=True),
    "boosted stumps": AdaBoostClassifier(n_estimators=2),
    "support vectors": make_pipeline(StandardScaler(), SVC()),
    "perceptron": MLPClassifier(max_iter=2),
    "neighbours in a k-d tree": KNeighborsClassifier(algorithm="kd_tree"),
    "neighbours in a ball tree": KNeighborsClassifier(algorithm="ball_tree", metric="manhattan"),
    "density": KernelDensity(),
    "outliers": LocalOutlierFactor(novelty=True),
    "isolation forest": IsolationForest(n_estimators=3),
    "columns": make_pipeline(
        ColumnTransformer([("n", StandardScaler(), [0, 1]), ("c", OneHotEncoder(), [2])], remainder="passthrough"),
        FOREST,
    ),
    "calibrated by isotonic": CalibratedClassifierCV(LOGISTIC, method="isotonic", cv=2),
    "calibrated by sigmoid": CalibratedClassifierCV(LOGISTIC, cv=2),
    "grid search": GridSearchCV(make_pipeline(StandardScaler(), SVC()), {"svc__C": [1, 2]}, cv=2, scoring="f1"),
    "random search": RandomizedSearchCV(
        FOREST, {"max_depth": [1, 2]}, n_iter=1, cv=RepeatedStratifiedKFold(n_repeats=1)
    ),
    "vote": VotingClassifier([("a", LOGISTIC), ("b", GaussianNB())]),
    "stack": StackingClassifier([("a", LOGISTIC), ("b", DecisionTreeClassifier(max_depth=2))], cv=2),
    "function of arrays": make_pipeline(SimpleImputer(), FunctionTransformer(np.log1p), SelectKBest(), SGDClassifier()),
    "splines": make_pipeline(SplineTransformer(), QuantileTransformer(n_quantiles=5), PCA(2), LOGISTIC),
    "gaussian process": GaussianProcessRegressor(RBF() + WhiteKernel(), optimizer=None),
    "mixture": GaussianMixture(2, random_state=np.random.RandomState(0)),
    "isotonic": (IsotonicRegression(), X[:, 0]),
    "three classes": OneVsRestClassifier(LOGISTIC),
    "three classes by boosting": HistGradientBoostingClassifier(max_iter=2),
    "words": (make_pipeline(CountVectorizer(ngram_range=(1, 2)), TfidfTransformer(), LOGISTIC), WORDS),
}


@pytest.fixture(scope="module")
def fitted():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made = {}
        for name, model in MODELS.items():
            estimator, x = model if isinstance(model, tuple) else (model, X)
            y = np.arange(len(x)) % 3 if name.startswith("three") else Y[: len(x)]
            made[name] = estimator.fit(x, y)
        return made


def report(data):
    return examine(BytesView(data), "model").report


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("name", MODELS)
def test_a_pickled_model_is_clean(name, protocol, fitted):
    seen = report(pickle.dumps(fitted[name], protocol))
    assert (seen.outcome, seen.findings, seen.unchecked) == (Outcome.CLEAN, (), ())


@pytest.mark.parametrize("name", MODELS)
def test_a_model_that_joblib_wrote_is_clean(name, fitted):
    file = io.BytesIO()
    joblib.dump(fitted[name], file)
    seen = report(file.getvalue())
    assert (seen.outcome, seen.findings, seen.unchecked) == (Outcome.CLEAN, (), ())


def test_a_model_with_one_foreign_function_is_not_clean():
    model = FunctionTransformer(joblib.load)
    assert report(pickle.dumps(model)).outcome is Outcome.MALICIOUS


def test_a_model_with_a_function_of_its_author_is_suspicious():
    model = pickle.dumps(FunctionTransformer(np.log1p), 2).replace(b"cnumpy\nlog1p", b"cauthors\nlog1p")
    assert report(model).outcome is Outcome.SUSPICIOUS
