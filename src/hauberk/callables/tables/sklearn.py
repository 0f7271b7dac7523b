"""Safe callables of scikit-learn. Made by tools/make_callables.py; do not edit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

RELEASES: Final = ("scikit-learn 1.9.1",)

ROWS: Final[Mapping[str, Mapping[str, tuple[str, str, str, str]]]] = {
    "sklearn._config": {
        "config_context": ("import", "", "", "a function of arrays, named, not called"),
    },
    "sklearn._loss._loss": {
        "CyAbsoluteError": ("import call", "", "", "a loss function made of constants"),
        "CyExponentialLoss": ("import call", "", "", "a loss function made of constants"),
        "CyHalfBinomialLoss": ("import call", "", "", "a loss function made of constants"),
        "CyHalfGammaLoss": ("import call", "", "", "a loss function made of constants"),
        "CyHalfMultinomialLoss": ("import", "", "", "a class of loss functions, named"),
        "CyHalfPoissonLoss": ("import call", "", "", "a loss function made of constants"),
        "CyHalfSquaredError": ("import call", "", "", "a loss function made of constants"),
        "CyHalfTweedieLoss": ("import call", "", "", "a loss function made of constants"),
        "CyHalfTweedieLossIdentity": ("import call", "", "", "a loss function made of constants"),
        "CyHuberLoss": ("import call", "", "", "a loss function made of constants"),
        "CyPinballLoss": ("import call", "", "", "a loss function made of constants"),
        "__pyx_unpickle_CyHalfMultinomialLoss": ("import call", "cython", "0", "a loss function without state"),
    },
    "sklearn._loss.link": {
        "HalfLogitLink": ("import new", "", "", "a class without hooks: its state fills __dict__"),
        "IdentityLink": ("import new", "", "", "a class without hooks: its state fills __dict__"),
        "Interval": ("import new build", "", "", "a class without hooks: its state fills __dict__"),
        "LogLink": ("import new", "", "", "a class without hooks: its state fills __dict__"),
        "LogitLink": ("import new", "", "", "a class without hooks: its state fills __dict__"),
        "MultinomialLogit": ("import new", "", "", "a class without hooks: its state fills __dict__"),
    },
    "sklearn._loss.loss": {
        "AbsoluteError": ("import new build", "", "", "a class without hooks: its state fills __dict__"),
        "ExponentialLoss": ("import new build", "", "", "a class without hooks: its state fills __dict__"),
        "HalfBinomialLoss": ("import new build", "", "", "a class without hooks: its state fills __dict__"),
        "HalfGammaLoss": ("import new build", "", "", "a class without hooks: its state fills __dict__"),
        "HalfMultinomialLoss": ("import new build", "", "", "a class without hooks: its state fills __dict__"),
        "HalfPoissonLoss": ("import new build", "", "", "a class without hooks: its state fills __dict__"),
        "HalfSquaredError": ("import new build", "", "", "a class without hooks: its state fills __dict__"),
        "HalfTweedieLoss": ("import new build", "", "", "a class without hooks: its state fills __dict__"),
        "HalfTweedieLossIdentity": ("import new build", "", "", "a class without hooks: its state fills __dict__"),
        "HuberLoss": ("import new build", "", "", "a class without hooks: its state fills __dict__"),
        "PinballLoss": ("import new build", "", "", "a class without hooks: its state fills __dict__"),
    },
    "sklearn.calibration": {
        "CalibratedClassifierCV": ("import new build", "", "", "an estimator: its state fills __dict__"),
        "_CalibratedClassifier": ("import new build", "", "", "a class without hooks: its state fills __dict__"),
        "_SigmoidCalibration": ("import new build", "", "", "an estimator: its state fills __dict__"),
        "_TemperatureScaling": ("import new build", "", "", "an estimator: its state fills __dict__"),
    },
    "sklearn.cluster._affinity_propagation": {
        "AffinityPropagation": ("import new build", "", "", "an estimator: its state fills __dict__"),
    },
    "sklearn.cluster._agglomerative": {
        "AgglomerativeClustering": ("import new build", "", "", "an estimator: its state fills __dict__"),
        "FeatureAgglomeration": ("import new build", "", "", "an estimator: its state fills __dict__"),
    },
    "sklearn.cluster._bicluster": {
        "SpectralBiclustering": ("import new build", "", "", "an estimator: its state fills __dict__"),
        "SpectralCoclustering": ("import new build", "", "", "an estimator: its state fills __dict__"),
    },
    "sklearn.cluster._birch": {
        "Birch": ("import new build", "", "", "an estimator: its state fills __dict__"),
        "_CFNode": ("import new build", "", "", "a class without hooks: its state fills __dict__"),
        "_CFSubcluster": ("import new build", "", "", "a class without hooks: its state fills __dict__"),
    },
    "sklearn.cluster._bisect_k_means": {
        "BisectingKMeans": ("import new build", "", "", "an estimator: its state fills __dict__"),
        "_BisectingTree": ("import new build", "", "", "a class without hooks: its state fills __dict__"),
    },
    "sklearn.cluster._dbscan": {
        "DBSCAN": ("import new build", "", "", "an estimator: its state fills __dict__"),
    },
    "sklearn.cluster._hdbscan.hdbscan": {
        "HDBSCAN": ("import new build", "", "", "an estimator: its state fills __dict__"),
    },
    "sklearn.cluster._kmeans": {
        "KMeans": ("import new build", "", "", "an estimator: its state fills __dict__"),
        "MiniBatchKMeans": ("import new build", "", "", "an estimator: its state fills __dict__"),
        "_kmeans_single_lloyd": ("import", "", "", "a function of arrays, named, not called"),
    },
    "sklearn.cluster._mean_shift": {
        "MeanShift": ("import new build", "", "", "an estimator: its state fills __dict__"),
    },
    "sklearn.cluster._optics": {
        "OPTICS": ("import new build", "", "", "an estimator: its state fills __dict__"),
    },
    "sklearn.cluster._spectral": {
        "SpectralClustering": ("import new build", "", "", "an estimator: its state fills __dict__"),
    },
    "sklearn.compose._column_transformer": {
        "ColumnTransformer": ("import new build", "", "", "an estimator: its state fills __dict__"),
        "make_column_selector": ("import new build", "", "", "a class without hooks: its state fills __dict__"),
    },
    "sklearn.compose._target": {
        "TransformedTargetRegressor": ("import new build", "", "", "an estimator: its state fills __dict__"),
    },
    "sklearn.covariance._elliptic_envelope": {
        "EllipticEnvelope": ("import new build", "", "", "an estimator: its state fills __dict__"),
    },
    "sklearn.covariance._empirical_covariance": {
        "EmpiricalCovariance": ("import new build", "", "", "an estimator: its state fills __dict__"),
        "empirical_covariance": ("import", "", "", "a function of arrays, named, not called"),
        "log_likelihood": ("import", "", "", "a function of arrays, named, not called"),
    },
    "sklearn.covariance._graph_lasso": {
        "GraphicalLasso": ("import new build", "", "", "an estimator: its state fills __dict__"),
        "GraphicalLassoCV": ("import new build", "", "", "an estimator: its state fills __dict__"),
        "graphical_lasso": ("import", "", "", "a function of arrays, named, not called"),
    },
    "sklearn.covariance._robust_covariance": {
        "MinCovDet": ("import new build", "", "", "an estimator: its state fills __dict__"),
        "fast_mcd": ("import", "", "", "a function of arrays, named, not called"),
    },
    "sklearn.covariance._shrunk_covariance": {
        "LedoitWolf": ("import new build", "", "", "an estimator: its state fills __dict__"),
        "OAS": ("import new build", "", "", "an estimator: its state fills __dict__"),
        "ShrunkCovariance": ("import new build", "", "", "an estimator: its state fills __dict__"),
        "ledoit_wolf": ("import", "", "", "a function of arrays, named, not called"),
        "ledoit_wolf_shrinkage": ("import", "", "", "a function of arrays, named, not called"),
        "oas": ("import", "", "", "a function of arrays, named, not called"),
        "shrunk_covariance": ("import", "", "", "a function of arrays, named, not called"),
    },
    "sklearn.cross_decomposition._pls": {
        "CCA": ("import new build", "", "", "an estimator: its state fills __dict__"),
        "PLSCanonical": ("import new build", "", "", "an estimator: its state fills __dict__"),
        "PLSRegression": ("import new build", "", "", "an estimator: its state fills __dict__"),
        "PLSSVD": ("import new build", "", "", "an estimator: its state fills __dict__"),
    },
    "sklearn.decomposition._dict_learning": {
        "DictionaryLearning": ("import new build", "", "", "an estimator: its state fills __dict__"),
        "MiniBatchDictionaryLearning": ("import new build", "", "", "an estimator: its state fills __dict__"),
        "SparseCoder": ("import new build", "", "", "an estimator: its state fills __dict__"),
    },
    "sklearn.decomposition._factor_analysis": {
        "FactorAnalysis": ("import new build", "", "", "an estimator: its state fills __dict__"),
    },
    "sklearn.decomposition._fastica": {
        "FastICA": ("import new build", "", "", "an estimator: its state fills __dict__"),
    },
    "sklearn.decomposition._incremental_pca": {
        "IncrementalPCA": ("import new build", "", "", "an estimator: its state fills __dict__"),
    },
    "sklearn.decomposition._kernel_pca": {
        "KernelPCA": ("import new build", "", "", "an estimator: its state fills __dict__"),
    },
    "sklearn.decomposition._lda": {
        "LatentDirichletAllocation": ("import new build", "", "", "an estimator: its state fills __dict__"),
    },
    "sklearn.decomposition._nmf": {
        "MiniBatchNMF": ("import new build", "", "", "an estimator: its state fills __dict__"),
        "NMF": ("import new build", "", "", "an estimator: its state fills __dict__"),
    },
    "sklearn.decomposition._pca": {
        "PCA": ("import new build", "", "", "an estimator: its state fills __dict__"),
    },
    "sklearn.decomposition._sparse_pca": {
        "MiniBatchSparsePCA": ("import new build", "", "", "an estimator: its state fills __dict__"),
        "SparsePCA": ("import new build", "", "", "an estimator: its state fills __dict__"),
    },
    "sklearn.decomposition._truncated_svd": {
        "TruncatedSVD": ("import new build", "", "", "an estimator: its state fills __dict__"),
    },
    "sklearn.discriminant_analysis": {
        "LinearDiscriminantAnalysis": ("import new build", "", "", "an estimator: its state fills __dict__"),
        "QuadraticDiscriminantAnalysis": ("import new build", "", "", "an estimator: its state fills __dict__"),
    },
    "sklearn.dummy": {
        "DummyClassifier": ("import new build", "", "", "an estimator: its state fills __dict__"),
        "DummyRegressor": ("import new build", "", "", "an estimator: its state fills __dict__"),
    },
    "sklearn.ensemble._bagging": {
        "BaggingClassifier": ("import new build", "", "", "an estimator: its state fills __dict__"),
        "BaggingRegressor": ("import new build", "", "", "an estimator: its state fills __dict__"),
    },
    "sklearn.ensemble._forest": {
        "ExtraTreesClassifier": ("import new build", "", "", "an estimator: its state fills __dict__"),
        "ExtraTreesRegressor": ("import new build", "", "", "an estimator: its state fills __dict__"),
        "RandomForestClassifier": ("import new build", "", "", "an estimator: its state fills __dict__"),
        "RandomForestRegressor": ("import new build", "", "", "an estimator: its state fills __dict__"),
        "RandomTreesEmbedding": ("import new build", "", "", "an estimator: its state fills __dict__"),
    },
    "sklearn.ensemble._gb": {
        "GradientBoostingClassifier": ("import new build", "", "", "an estimator: its state fills __dict__"),
        "GradientBoostingRegressor": ("import new build", "", "", "an estimator: its state fills __dict__"),
    },
    "sklearn.ensemble._hist_gradient_boosting.binning": {
        "_BinMapper": ("import new build", "", "", "an estimator: its state fills __dict__"),
    },
    "sklearn.ensemble._hist_gradient_boosting.gradient_boosting": {
        "HistGradientBoostingClassifier": ("import new build", "", "", "an estimator: its state fills __dict__"),
        "HistGradientBoostingRegressor": ("import new build", "", "", "an estimator: its state fills __dict__"),
    },
    "sklearn.ensemble._hist_gradient_boosting.predictor": {
        "TreePredictor": ("import new build", "predictor", "", "arrays of one tree"),
    },
    "sklearn.ensemble._iforest": {
        "IsolationForest": ("import new build", "", "", "an estimator: its state fills __dict__"),
    },
    "sklearn.ensemble._stacking": {
        "StackingClassifier": ("import new build", "", "", "an estimator: its state fills __dict__"),
        "StackingRegressor": ("import new build", "", "", "an estimator: its state fills __dict__"),
    },
    "sklearn.ensemble._voting": {
        "VotingClassifier": ("import new build", "", "", "an estimator: its state fills __dict__"),
        "VotingRegressor": ("import new build", "", "", "an estimator: its state fills __dict__"),
    },
    "sklearn.ensemble._weight_boosting": {
        "AdaBoostClassifier": ("import new build", "", "", "an estimator: its state fills __dict__"),
        "AdaBoostRegressor": ("import new build", "", "", "an estimator: its state fills __dict__"),
    },
    "sklearn.exceptions": {
        "ConvergenceWarning": ("import call", "", "", "an error or a warning with what it says"),
        "NotFittedError": ("import call", "", "", "an error or a warning with what it says"),
    },
    "sklearn.externals._packaging.version": {
        "parse": ("import", "", "", "a function of arrays, named, not called"),
    },
    "sklearn.feature_extraction._dict_vectorizer": {
        "DictVectorizer": ("import new build", "", "", "an estimator: its state fills __dict__"),
    },
    "sklearn.feature_extraction._hash": {
        "FeatureHasher": ("import new build", "", "", "an estimator: its state fills __dict__"),
    },
    "sklearn.feature_extraction.image": {
        "PatchExtractor": ("import new build", "", "", "an estimator: its state fills __dict__"),
    },
    "sklearn.feature_extraction.text": {
        "CountVectorizer": ("import new build", "", "", "an estimator: its state fills __dict__"),
        "HashingVectorizer": ("import new build", "", "", "an estimator: its state fills __dict__"),
        "TfidfTransformer": ("import new build", "", "", "an estimator: its state fills __dict__"),
        "TfidfVectorizer": ("import new build", "", "", "an estimator: its state fills __dict__"),
    },
    "sklearn.feature_selection._from_model": {
        "SelectFromModel": ("import new build", "", "", "an estimator: its state fills __dict__"),
    },
    "sklearn.feature_selection._mutual_info": {
        "mutual_info_classif": ("import", "", "", "a function of arrays, named, not called"),
        "mutual_info_regression": ("import", "", "", "a function of arrays, named, not called"),
    },
    "sklearn.feature_selection._rfe": {
        "RFE": ("import new build", "", "", "an estimator: its state fills __dict__"),
        "RFECV": ("import new build", "", "", "an estimator: its state fills __dict__"),
    },
    "sklearn.feature_selection._sequential": {
        "SequentialFeatureSelector": ("import new build", "", "", "an estimator: its state fills __dict__"),
    },
    "sklearn.feature_selection._univariate_selection": {
        "GenericUnivariateSelect": ("import new build", "", "", "an estimator: its state fills __dict__"),
        "SelectFdr": ("import new build", "", "", "an estimator: its state fills __dict__"),
        "SelectFpr": ("import new build", "", "", "an estimator: its state fills __dict__"),
        "SelectFwe": ("import new build", "", "", "an estimator: its state fills __dict__"),
        "SelectKBest": ("import new build", "", "", "an estimator: its state fills __dict__"),
        "SelectPercentile": ("import new build", "", "", "an estimator: its state fills __dict__"),
        "chi2": ("import", "", "", "a function of arrays, named, not called"),
        "f_classif": ("import", "", "", "a function of arrays, named, not called"),
        "f_oneway": ("import", "", "", "a function of arrays, named, not called"),
        "f_regression": ("import", "", "", "a function of arrays, named, not called"),
        "r_regression": ("import", "", "", "a function of arrays, named, not called"),
    },
    "sklearn.feature_selection._variance_threshold": {
        "VarianceThreshold": ("import new build", "", "", "an estimator: its state fills __dict__"),
    },
    "sklearn.frozen._frozen": {
        "FrozenEstimator": ("import new build", "", "", "an estimator: its state fills __dict__"),
    },
    "sklearn.gaussian_process._gpc": {
        "GaussianProcessClassifier": ("import new build", "", "", "an estimator: its state fills __dict__"),
        "_BinaryGaussianProcessClassifierLaplace": (
            "import new build",
            "",
            "",
            "an estimator: its state fills __dict__",
        ),
    },
    "sklearn.gaussian_process._gpr": {
        "GaussianProcessRegressor": ("import new build", "", "", "an estimator: its state fills __dict__"),
    },
    "sklearn.gaussian_process.kernels": {
        "CompoundKernel": ("import new build", "", "", "a class without hooks: its state fills __dict__"),
        "ConstantKernel": ("import new build", "", "", "a class without hooks: its state fills __dict__"),
        "DotProduct": ("import new build", "", "", "a class without hooks: its state fills __dict__"),
        "ExpSineSquared": ("import new build", "", "", "a class without hooks: its state fills __dict__"),
        "Exponentiation": ("import new build", "", "", "a class without hooks: its state fills __dict__"),
        "Matern": ("import new build", "", "", "a class without hooks: its state fills __dict__"),
        "PairwiseKernel": ("import new build", "", "", "a class without hooks: its state fills __dict__"),
        "Product": ("import new build", "", "", "a class without hooks: its state fills __dict__"),
        "RBF": ("import new build", "", "", "a class without hooks: its state fills __dict__"),
        "RationalQuadratic": ("import new build", "", "", "a class without hooks: its state fills __dict__"),
        "Sum": ("import new build", "", "", "a class without hooks: its state fills __dict__"),
        "WhiteKernel": ("import new build", "", "", "a class without hooks: its state fills __dict__"),
    },
    "sklearn.impute._base": {
        "MissingIndicator": ("import new build", "", "", "an estimator: its state fills __dict__"),
        "SimpleImputer": ("import new build", "", "", "an estimator: its state fills __dict__"),
    },
    "sklearn.impute._iterative": {
        "IterativeImputer": ("import new build", "", "", "an estimator: its state fills __dict__"),
        "_ImputerTriplet": ("import new", "record", "", "a tuple with names"),
    },
    "sklearn.impute._knn": {
        "KNNImputer": ("import new build", "", "", "an estimator: its state fills __dict__"),
    },
    "sklearn.isotonic": {
        "IsotonicRegression": ("import new build", "isotonic", "", "an estimator that interpolates two arrays"),
    },
    "sklearn.kernel_approximation": {
        "AdditiveChi2Sampler": ("import new build", "", "", "an estimator: its state fills __dict__"),
        "Nystroem": ("import new build", "", "", "an estimator: its state fills __dict__"),
        "PolynomialCountSketch": ("import new build", "", "", "an estimator: its state fills __dict__"),
        "RBFSampler": ("import new build", "", "", "an estimator: its state fills __dict__"),
        "SkewedChi2Sampler": ("import new build", "", "", "an estimator: its state fills __dict__"),
    },
    "sklearn.kernel_ridge": {
        "KernelRidge": ("import new build", "", "", "an estimator: its state fills __dict__"),
    },
    "sklearn.linear_model._base": {
        "LinearRegression": ("import new build", "", "", "an estimator: its state fills __dict__"),
    },
    "sklearn.linear_model._bayes": {
        "ARDRegression": ("import new build", "", "", "an estimator: its state fills __dict__"),
        "BayesianRidge": ("import new build", "", "", "an estimator: its state fills __dict__"),
    },
    "sklearn.linear_model._coordinate_descent": {
        "ElasticNet": ("import new build", "", "", "an estimator: its state fills __dict__"),
        "ElasticNetCV": ("import new build", "", "", "an estimator: its state fills __dict__"),
        "Lasso": ("import new build", "", "", "an estimator: its state fills __dict__"),
        "LassoCV": ("import new build", "", "", "an estimator: its state fills __dict__"),
        "MultiTaskElasticNet": ("import new build", "", "", "an estimator: its state fills __dict__"),
        "MultiTaskElasticNetCV": ("import new build", "", "", "an estimator: its state fills __dict__"),
        "MultiTaskLasso": ("import new build", "", "", "an estimator: its state fills __dict__"),
        "MultiTaskLassoCV": ("import new build", "", "", "an estimator: its state fills __dict__"),
    },
    "sklearn.linear_model._glm.glm": {
        "GammaRegressor": ("import new build", "", "", "an estimator: its state fills __dict__"),
        "PoissonRegressor": ("import new build", "", "", "an estimator: its state fills __dict__"),
        "TweedieRegressor": ("import new build", "", "", "an estimator: its state fills __dict__"),
    },
    "sklearn.linear_model._huber": {
        "HuberRegressor": ("import new build", "", "", "an estimator: its state fills __dict__"),
    },
    "sklearn.linear_model._least_angle": {
        "Lars": ("import new build", "", "", "an estimator: its state fills __dict__"),
        "LarsCV": ("import new build", "", "", "an estimator: its state fills __dict__"),
        "LassoLars": ("import new build", "", "", "an estimator: its state fills __dict__"),
        "LassoLarsCV": ("import new build", "", "", "an estimator: its state fills __dict__"),
        "LassoLarsIC": ("import new build", "", "", "an estimator: its state fills __dict__"),
    },
    "sklearn.linear_model._logistic": {
        "LogisticRegression": ("import new build", "", "", "an estimator: its state fills __dict__"),
        "LogisticRegressionCV": ("import new build", "", "", "an estimator: its state fills __dict__"),
    },
    "sklearn.linear_model._omp": {
        "OrthogonalMatchingPursuit": ("import new build", "", "", "an estimator: its state fills __dict__"),
        "OrthogonalMatchingPursuitCV": ("import new build", "", "", "an estimator: its state fills __dict__"),
    },
    "sklearn.linear_model._passive_aggressive": {
        "PassiveAggressiveClassifier": ("import new build", "", "", "an estimator: its state fills __dict__"),
        "PassiveAggressiveRegressor": ("import new build", "", "", "an estimator: its state fills __dict__"),
    },
    "sklearn.linear_model._perceptron": {
        "Perceptron": ("import new build", "", "", "an estimator: its state fills __dict__"),
    },
    "sklearn.linear_model._quantile": {
        "QuantileRegressor": ("import new build", "", "", "an estimator: its state fills __dict__"),
    },
    "sklearn.linear_model._ransac": {
        "RANSACRegressor": ("import new build", "", "", "an estimator: its state fills __dict__"),
    },
    "sklearn.linear_model._ridge": {
        "Ridge": ("import new build", "", "", "an estimator: its state fills __dict__"),
        "RidgeCV": ("import new build", "", "", "an estimator: its state fills __dict__"),
        "RidgeClassifier": ("import new build", "", "", "an estimator: its state fills __dict__"),
        "RidgeClassifierCV": ("import new build", "", "", "an estimator: its state fills __dict__"),
    },
    "sklearn.linear_model._sgd_fast": {
        "EpsilonInsensitive": ("import call", "", "", "a loss function made of constants"),
        "Hinge": ("import call", "", "", "a loss function made of constants"),
        "ModifiedHuber": ("import call", "", "", "a loss function made of constants"),
        "SquaredEpsilonInsensitive": ("import call", "", "", "a loss function made of constants"),
        "SquaredHinge": ("import call", "", "", "a loss function made of constants"),
    },
    "sklearn.linear_model._stochastic_gradient": {
        "SGDClassifier": ("import new build", "", "", "an estimator: its state fills __dict__"),
        "SGDOneClassSVM": ("import new build", "", "", "an estimator: its state fills __dict__"),
        "SGDRegressor": ("import new build", "", "", "an estimator: its state fills __dict__"),
    },
    "sklearn.linear_model._theil_sen": {
        "TheilSenRegressor": ("import new build", "", "", "an estimator: its state fills __dict__"),
    },
    "sklearn.manifold._classical_mds": {
        "ClassicalMDS": ("import new build", "", "", "an estimator: its state fills __dict__"),
    },
    "sklearn.manifold._isomap": {
        "Isomap": ("import new build", "", "", "an estimator: its state fills __dict__"),
    },
    "sklearn.manifold._locally_linear": {
        "LocallyLinearEmbedding": ("import new build", "", "", "an estimator: its state fills __dict__"),
    },
    "sklearn.manifold._mds": {
        "MDS": ("import new build", "", "", "an estimator: its state fills __dict__"),
    },
    "sklearn.manifold._spectral_embedding": {
        "SpectralEmbedding": ("import new build", "", "", "an estimator: its state fills __dict__"),
    },
    "sklearn.manifold._t_sne": {
        "TSNE": ("import new build", "", "", "an estimator: its state fills __dict__"),
    },
    "sklearn.metrics._classification": {
        "accuracy_score": ("import", "", "", "a function of arrays, named, not called"),
        "balanced_accuracy_score": ("import", "", "", "a function of arrays, named, not called"),
        "brier_score_loss": ("import", "", "", "a function of arrays, named, not called"),
        "class_likelihood_ratios": ("import", "", "", "a function of arrays, named, not called"),
        "classification_report": ("import", "", "", "a function of arrays, named, not called"),
        "cohen_kappa_score": ("import", "", "", "a function of arrays, named, not called"),
        "confusion_matrix": ("import", "", "", "a function of arrays, named, not called"),
        "d2_brier_score": ("import", "", "", "a function of arrays, named, not called"),
        "d2_log_loss_score": ("import", "", "", "a function of arrays, named, not called"),
        "f1_score": ("import", "", "", "a function of arrays, named, not called"),
        "fbeta_score": ("import", "", "", "a function of arrays, named, not called"),
        "hamming_loss": ("import", "", "", "a function of arrays, named, not called"),
        "hinge_loss": ("import", "", "", "a function of arrays, named, not called"),
        "jaccard_score": ("import", "", "", "a function of arrays, named, not called"),
        "log_loss": ("import", "", "", "a function of arrays, named, not called"),
        "matthews_corrcoef": ("import", "", "", "a function of arrays, named, not called"),
        "multilabel_confusion_matrix": ("import", "", "", "a function of arrays, named, not called"),
        "precision_recall_fscore_support": ("import", "", "", "a function of arrays, named, not called"),
        "precision_score": ("import", "", "", "a function of arrays, named, not called"),
        "recall_score": ("import", "", "", "a function of arrays, named, not called"),
        "zero_one_loss": ("import", "", "", "a function of arrays, named, not called"),
    },
    "sklearn.metrics._dist_metrics": {
        "BrayCurtisDistance32": ("import build", "metric", "", "a metric: a number and arrays"),
        "BrayCurtisDistance64": ("import build", "metric", "", "a metric: a number and arrays"),
        "CanberraDistance32": ("import build", "metric", "", "a metric: a number and arrays"),
        "CanberraDistance64": ("import build", "metric", "", "a metric: a number and arrays"),
        "ChebyshevDistance32": ("import build", "metric", "", "a metric: a number and arrays"),
        "ChebyshevDistance64": ("import build", "metric", "", "a metric: a number and arrays"),
        "DiceDistance32": ("import build", "metric", "", "a metric: a number and arrays"),
        "DiceDistance64": ("import build", "metric", "", "a metric: a number and arrays"),
        "EuclideanDistance32": ("import build", "metric", "", "a metric: a number and arrays"),
        "EuclideanDistance64": ("import build", "metric", "", "a metric: a number and arrays"),
        "HammingDistance32": ("import build", "metric", "", "a metric: a number and arrays"),
        "HammingDistance64": ("import build", "metric", "", "a metric: a number and arrays"),
        "HaversineDistance32": ("import build", "metric", "", "a metric: a number and arrays"),
        "HaversineDistance64": ("import build", "metric", "", "a metric: a number and arrays"),
        "JaccardDistance32": ("import build", "metric", "", "a metric: a number and arrays"),
        "JaccardDistance64": ("import build", "metric", "", "a metric: a number and arrays"),
        "MahalanobisDistance32": ("import build", "metric", "", "a metric: a number and arrays"),
        "MahalanobisDistance64": ("import build", "metric", "", "a metric: a number and arrays"),
        "ManhattanDistance32": ("import build", "metric", "", "a metric: a number and arrays"),
        "ManhattanDistance64": ("import build", "metric", "", "a metric: a number and arrays"),
        "MinkowskiDistance32": ("import build", "metric", "", "a metric: a number and arrays"),
        "MinkowskiDistance64": ("import build", "metric", "", "a metric: a number and arrays"),
        "RogersTanimotoDistance32": ("import build", "metric", "", "a metric: a number and arrays"),
        "RogersTanimotoDistance64": ("import build", "metric", "", "a metric: a number and arrays"),
        "RussellRaoDistance32": ("import build", "metric", "", "a metric: a number and arrays"),
        "RussellRaoDistance64": ("import build", "metric", "", "a metric: a number and arrays"),
        "SEuclideanDistance32": ("import build", "metric", "", "a metric: a number and arrays"),
        "SEuclideanDistance64": ("import build", "metric", "", "a metric: a number and arrays"),
        "SokalSneathDistance32": ("import build", "metric", "", "a metric: a number and arrays"),
        "SokalSneathDistance64": ("import build", "metric", "", "a metric: a number and arrays"),
        "newObj": ("import call", "new-object", "0", "an empty instance"),
    },
    "sklearn.metrics._ranking": {
        "auc": ("import", "", "", "a function of arrays, named, not called"),
        "average_precision_score": ("import", "", "", "a function of arrays, named, not called"),
        "confusion_matrix_at_thresholds": ("import", "", "", "a function of arrays, named, not called"),
        "coverage_error": ("import", "", "", "a function of arrays, named, not called"),
        "dcg_score": ("import", "", "", "a function of arrays, named, not called"),
        "det_curve": ("import", "", "", "a function of arrays, named, not called"),
        "label_ranking_average_precision_score": ("import", "", "", "a function of arrays, named, not called"),
        "label_ranking_loss": ("import", "", "", "a function of arrays, named, not called"),
        "metric_at_thresholds": ("import", "", "", "a function of arrays, named, not called"),
        "ndcg_score": ("import", "", "", "a function of arrays, named, not called"),
        "precision_recall_curve": ("import", "", "", "a function of arrays, named, not called"),
        "roc_auc_score": ("import", "", "", "a function of arrays, named, not called"),
        "roc_curve": ("import", "", "", "a function of arrays, named, not called"),
        "top_k_accuracy_score": ("import", "", "", "a function of arrays, named, not called"),
    },
    "sklearn.metrics._regression": {
        "d2_absolute_error_score": ("import", "", "", "a function of arrays, named, not called"),
        "d2_pinball_score": ("import", "", "", "a function of arrays, named, not called"),
        "d2_tweedie_score": ("import", "", "", "a function of arrays, named, not called"),
        "explained_variance_score": ("import", "", "", "a function of arrays, named, not called"),
        "max_error": ("import", "", "", "a function of arrays, named, not called"),
        "mean_absolute_error": ("import", "", "", "a function of arrays, named, not called"),
        "mean_absolute_percentage_error": ("import", "", "", "a function of arrays, named, not called"),
        "mean_gamma_deviance": ("import", "", "", "a function of arrays, named, not called"),
        "mean_pinball_loss": ("import", "", "", "a function of arrays, named, not called"),
        "mean_poisson_deviance": ("import", "", "", "a function of arrays, named, not called"),
        "mean_squared_error": ("import", "", "", "a function of arrays, named, not called"),
        "mean_squared_log_error": ("import", "", "", "a function of arrays, named, not called"),
        "mean_tweedie_deviance": ("import", "", "", "a function of arrays, named, not called"),
        "median_absolute_error": ("import", "", "", "a function of arrays, named, not called"),
        "r2_score": ("import", "", "", "a function of arrays, named, not called"),
        "root_mean_squared_error": ("import", "", "", "a function of arrays, named, not called"),
        "root_mean_squared_log_error": ("import", "", "", "a function of arrays, named, not called"),
    },
    "sklearn.metrics._scorer": {
        "_CurveScorer": ("import new build", "", "", "a class without hooks: its state fills __dict__"),
        "_PassthroughScorer": ("import new build", "", "", "a class without hooks: its state fills __dict__"),
        "_Scorer": ("import new build", "", "", "a class without hooks: its state fills __dict__"),
        "check_scoring": ("import", "", "", "a function of arrays, named, not called"),
        "get_scorer": ("import", "", "", "a function of arrays, named, not called"),
        "get_scorer_names": ("import", "", "", "a function of arrays, named, not called"),
        "make_scorer": ("import", "", "", "a function of arrays, named, not called"),
        "negative_likelihood_ratio": ("import", "", "", "a function of arrays, named, not called"),
        "positive_likelihood_ratio": ("import", "", "", "a function of arrays, named, not called"),
    },
    "sklearn.metrics.cluster._bicluster": {
        "consensus_score": ("import", "", "", "a function of arrays, named, not called"),
    },
    "sklearn.metrics.cluster._supervised": {
        "adjusted_mutual_info_score": ("import", "", "", "a function of arrays, named, not called"),
        "adjusted_rand_score": ("import", "", "", "a function of arrays, named, not called"),
        "completeness_score": ("import", "", "", "a function of arrays, named, not called"),
        "fowlkes_mallows_score": ("import", "", "", "a function of arrays, named, not called"),
        "homogeneity_completeness_v_measure": ("import", "", "", "a function of arrays, named, not called"),
        "homogeneity_score": ("import", "", "", "a function of arrays, named, not called"),
        "mutual_info_score": ("import", "", "", "a function of arrays, named, not called"),
        "normalized_mutual_info_score": ("import", "", "", "a function of arrays, named, not called"),
        "pair_confusion_matrix": ("import", "", "", "a function of arrays, named, not called"),
        "rand_score": ("import", "", "", "a function of arrays, named, not called"),
        "v_measure_score": ("import", "", "", "a function of arrays, named, not called"),
    },
    "sklearn.metrics.cluster._unsupervised": {
        "calinski_harabasz_score": ("import", "", "", "a function of arrays, named, not called"),
        "davies_bouldin_score": ("import", "", "", "a function of arrays, named, not called"),
        "silhouette_samples": ("import", "", "", "a function of arrays, named, not called"),
        "silhouette_score": ("import", "", "", "a function of arrays, named, not called"),
    },
    "sklearn.metrics.pairwise": {
        "_argmin_min_reduce": ("import", "", "", "a function of arrays, named, not called"),
        "_argmin_reduce": ("import", "", "", "a function of arrays, named, not called"),
        "_check_chunk_size": ("import", "", "", "a function of arrays, named, not called"),
        "_euclidean_distances": ("import", "", "", "a function of arrays, named, not called"),
        "_euclidean_distances_upcast": ("import", "", "", "a function of arrays, named, not called"),
        "_find_floating_dtype_allow_sparse": ("import", "", "", "a function of arrays, named, not called"),
        "_pairwise_callable": ("import", "", "", "a function of arrays, named, not called"),
        "_parallel_pairwise": ("import", "", "", "a function of arrays, named, not called"),
        "_precompute_metric_params": ("import", "", "", "a function of arrays, named, not called"),
        "_return_float_dtype": ("import", "", "", "a function of arrays, named, not called"),
        "_transposed_dist_wrapper": ("import", "", "", "a function of arrays, named, not called"),
        "additive_chi2_kernel": ("import", "", "", "a function of arrays, named, not called"),
        "check_paired_arrays": ("import", "", "", "a function of arrays, named, not called"),
        "check_pairwise_arrays": ("import", "", "", "a function of arrays, named, not called"),
        "chi2_kernel": ("import", "", "", "a function of arrays, named, not called"),
        "cosine_distances": ("import", "", "", "a function of arrays, named, not called"),
        "cosine_similarity": ("import", "", "", "a function of arrays, named, not called"),
        "distance_metrics": ("import", "", "", "a function of arrays, named, not called"),
        "euclidean_distances": ("import", "", "", "a function of arrays, named, not called"),
        "haversine_distances": ("import", "", "", "a function of arrays, named, not called"),
        "kernel_metrics": ("import", "", "", "a function of arrays, named, not called"),
        "laplacian_kernel": ("import", "", "", "a function of arrays, named, not called"),
        "linear_kernel": ("import", "", "", "a function of arrays, named, not called"),
        "manhattan_distances": ("import", "", "", "a function of arrays, named, not called"),
        "nan_euclidean_distances": ("import", "", "", "a function of arrays, named, not called"),
        "paired_cosine_distances": ("import", "", "", "a function of arrays, named, not called"),
        "paired_distances": ("import", "", "", "a function of arrays, named, not called"),
        "paired_euclidean_distances": ("import", "", "", "a function of arrays, named, not called"),
        "paired_manhattan_distances": ("import", "", "", "a function of arrays, named, not called"),
        "pairwise_distances": ("import", "", "", "a function of arrays, named, not called"),
        "pairwise_distances_argmin": ("import", "", "", "a function of arrays, named, not called"),
        "pairwise_distances_argmin_min": ("import", "", "", "a function of arrays, named, not called"),
        "pairwise_distances_chunked": ("import", "", "", "a function of arrays, named, not called"),
        "pairwise_kernels": ("import", "", "", "a function of arrays, named, not called"),
        "polynomial_kernel": ("import", "", "", "a function of arrays, named, not called"),
        "rbf_kernel": ("import", "", "", "a function of arrays, named, not called"),
        "sigmoid_kernel": ("import", "", "", "a function of arrays, named, not called"),
    },
    "sklearn.mixture._bayesian_mixture": {
        "BayesianGaussianMixture": ("import new build", "", "", "an estimator: its state fills __dict__"),
    },
    "sklearn.mixture._gaussian_mixture": {
        "GaussianMixture": ("import new build", "", "", "an estimator: its state fills __dict__"),
    },
    "sklearn.model_selection._classification_threshold": {
        "FixedThresholdClassifier": ("import new build", "", "", "an estimator: its state fills __dict__"),
        "TunedThresholdClassifierCV": ("import new build", "", "", "an estimator: its state fills __dict__"),
    },
    "sklearn.model_selection._search": {
        "GridSearchCV": ("import new build", "", "", "an estimator: its state fills __dict__"),
        "ParameterGrid": ("import new build", "", "", "a class without hooks: its state fills __dict__"),
        "ParameterSampler": ("import new build", "", "", "a class without hooks: its state fills __dict__"),
        "RandomizedSearchCV": ("import new build", "", "", "an estimator: its state fills __dict__"),
    },
    "sklearn.model_selection._search_successive_halving": {
        "HalvingGridSearchCV": ("import new build", "", "", "an estimator: its state fills __dict__"),
        "HalvingRandomSearchCV": ("import new build", "", "", "an estimator: its state fills __dict__"),
    },
    "sklearn.model_selection._split": {
        "GroupKFold": ("import new build", "", "", "a class without hooks: its state fills __dict__"),
        "GroupShuffleSplit": ("import new build", "", "", "a class without hooks: its state fills __dict__"),
        "KFold": ("import new build", "", "", "a class without hooks: its state fills __dict__"),
        "LeaveOneGroupOut": ("import new", "", "", "a class without hooks: its state fills __dict__"),
        "LeaveOneOut": ("import new", "", "", "a class without hooks: its state fills __dict__"),
        "LeavePGroupsOut": ("import new build", "", "", "a class without hooks: its state fills __dict__"),
        "LeavePOut": ("import new build", "", "", "a class without hooks: its state fills __dict__"),
        "PredefinedSplit": ("import new build", "", "", "a class without hooks: its state fills __dict__"),
        "RepeatedKFold": ("import new build", "", "", "a class without hooks: its state fills __dict__"),
        "RepeatedStratifiedKFold": ("import new build", "", "", "a class without hooks: its state fills __dict__"),
        "ShuffleSplit": ("import new build", "", "", "a class without hooks: its state fills __dict__"),
        "StratifiedGroupKFold": ("import new build", "", "", "a class without hooks: its state fills __dict__"),
        "StratifiedKFold": ("import new build", "", "", "a class without hooks: its state fills __dict__"),
        "StratifiedShuffleSplit": ("import new build", "", "", "a class without hooks: its state fills __dict__"),
        "TimeSeriesSplit": ("import new build", "", "", "a class without hooks: its state fills __dict__"),
    },
    "sklearn.multiclass": {
        "OneVsOneClassifier": ("import new build", "", "", "an estimator: its state fills __dict__"),
        "OneVsRestClassifier": ("import new build", "", "", "an estimator: its state fills __dict__"),
        "OutputCodeClassifier": ("import new build", "", "", "an estimator: its state fills __dict__"),
        "_ConstantPredictor": ("import new build", "", "", "an estimator: its state fills __dict__"),
    },
    "sklearn.multioutput": {
        "ClassifierChain": ("import new build", "", "", "an estimator: its state fills __dict__"),
        "MultiOutputClassifier": ("import new build", "", "", "an estimator: its state fills __dict__"),
        "MultiOutputRegressor": ("import new build", "", "", "an estimator: its state fills __dict__"),
        "RegressorChain": ("import new build", "", "", "an estimator: its state fills __dict__"),
    },
    "sklearn.naive_bayes": {
        "BernoulliNB": ("import new build", "", "", "an estimator: its state fills __dict__"),
        "CategoricalNB": ("import new build", "", "", "an estimator: its state fills __dict__"),
        "ComplementNB": ("import new build", "", "", "an estimator: its state fills __dict__"),
        "GaussianNB": ("import new build", "", "", "an estimator: its state fills __dict__"),
        "MultinomialNB": ("import new build", "", "", "an estimator: its state fills __dict__"),
    },
    "sklearn.neighbors._ball_tree": {
        "BallTree": ("import build", "neighbours", "", "arrays of one tree"),
        "BallTree32": ("import build", "neighbours", "", "arrays of one tree"),
        "newObj": ("import call", "new-object", "0", "an empty instance"),
    },
    "sklearn.neighbors._classification": {
        "KNeighborsClassifier": ("import new build", "", "", "an estimator: its state fills __dict__"),
        "RadiusNeighborsClassifier": ("import new build", "", "", "an estimator: its state fills __dict__"),
    },
    "sklearn.neighbors._graph": {
        "KNeighborsTransformer": ("import new build", "", "", "an estimator: its state fills __dict__"),
        "RadiusNeighborsTransformer": ("import new build", "", "", "an estimator: its state fills __dict__"),
    },
    "sklearn.neighbors._kd_tree": {
        "KDTree": ("import build", "neighbours", "", "arrays of one tree"),
        "KDTree32": ("import build", "neighbours", "", "arrays of one tree"),
        "newObj": ("import call", "new-object", "0", "an empty instance"),
    },
    "sklearn.neighbors._kde": {
        "KernelDensity": ("import new build", "", "", "an estimator: its state fills __dict__"),
    },
    "sklearn.neighbors._lof": {
        "LocalOutlierFactor": ("import new build", "", "", "an estimator: its state fills __dict__"),
    },
    "sklearn.neighbors._nca": {
        "NeighborhoodComponentsAnalysis": ("import new build", "", "", "an estimator: its state fills __dict__"),
    },
    "sklearn.neighbors._nearest_centroid": {
        "NearestCentroid": ("import new build", "", "", "an estimator: its state fills __dict__"),
    },
    "sklearn.neighbors._regression": {
        "KNeighborsRegressor": ("import new build", "", "", "an estimator: its state fills __dict__"),
        "RadiusNeighborsRegressor": ("import new build", "", "", "an estimator: its state fills __dict__"),
    },
    "sklearn.neighbors._unsupervised": {
        "NearestNeighbors": ("import new build", "", "", "an estimator: its state fills __dict__"),
    },
    "sklearn.neural_network._multilayer_perceptron": {
        "MLPClassifier": ("import new build", "", "", "an estimator: its state fills __dict__"),
        "MLPRegressor": ("import new build", "", "", "an estimator: its state fills __dict__"),
    },
    "sklearn.neural_network._rbm": {
        "BernoulliRBM": ("import new build", "", "", "an estimator: its state fills __dict__"),
    },
    "sklearn.neural_network._stochastic_optimizers": {
        "AdamOptimizer": ("import new build", "", "", "a class without hooks: its state fills __dict__"),
        "SGDOptimizer": ("import new build", "", "", "a class without hooks: its state fills __dict__"),
    },
    "sklearn.pipeline": {
        "FeatureUnion": ("import new build", "", "", "an estimator: its state fills __dict__"),
        "Pipeline": ("import new build", "", "", "an estimator: its state fills __dict__"),
    },
    "sklearn.preprocessing._data": {
        "Binarizer": ("import new build", "", "", "an estimator: its state fills __dict__"),
        "KernelCenterer": ("import new build", "", "", "an estimator: its state fills __dict__"),
        "MaxAbsScaler": ("import new build", "", "", "an estimator: its state fills __dict__"),
        "MinMaxScaler": ("import new build", "", "", "an estimator: its state fills __dict__"),
        "Normalizer": ("import new build", "", "", "an estimator: its state fills __dict__"),
        "PowerTransformer": ("import new build", "", "", "an estimator: its state fills __dict__"),
        "QuantileTransformer": ("import new build", "", "", "an estimator: its state fills __dict__"),
        "RobustScaler": ("import new build", "", "", "an estimator: its state fills __dict__"),
        "StandardScaler": ("import new build", "", "", "an estimator: its state fills __dict__"),
        "add_dummy_feature": ("import", "", "", "a function of arrays, named, not called"),
        "binarize": ("import", "", "", "a function of arrays, named, not called"),
        "maxabs_scale": ("import", "", "", "a function of arrays, named, not called"),
        "minmax_scale": ("import", "", "", "a function of arrays, named, not called"),
        "normalize": ("import", "", "", "a function of arrays, named, not called"),
        "power_transform": ("import", "", "", "a function of arrays, named, not called"),
        "quantile_transform": ("import", "", "", "a function of arrays, named, not called"),
        "robust_scale": ("import", "", "", "a function of arrays, named, not called"),
        "scale": ("import", "", "", "a function of arrays, named, not called"),
    },
    "sklearn.preprocessing._discretization": {
        "KBinsDiscretizer": ("import new build", "", "", "an estimator: its state fills __dict__"),
    },
    "sklearn.preprocessing._encoders": {
        "OneHotEncoder": ("import new build", "", "", "an estimator: its state fills __dict__"),
        "OrdinalEncoder": ("import new build", "", "", "an estimator: its state fills __dict__"),
    },
    "sklearn.preprocessing._function_transformer": {
        "FunctionTransformer": ("import new build", "", "", "an estimator: its state fills __dict__"),
    },
    "sklearn.preprocessing._label": {
        "LabelBinarizer": ("import new build", "", "", "an estimator: its state fills __dict__"),
        "LabelEncoder": ("import new build", "", "", "an estimator: its state fills __dict__"),
        "MultiLabelBinarizer": ("import new build", "", "", "an estimator: its state fills __dict__"),
        "label_binarize": ("import", "", "", "a function of arrays, named, not called"),
    },
    "sklearn.preprocessing._polynomial": {
        "PolynomialFeatures": ("import new build", "", "", "an estimator: its state fills __dict__"),
        "SplineTransformer": ("import new build", "", "", "an estimator: its state fills __dict__"),
    },
    "sklearn.preprocessing._target_encoder": {
        "TargetEncoder": ("import new build", "", "", "an estimator: its state fills __dict__"),
    },
    "sklearn.random_projection": {
        "GaussianRandomProjection": ("import new build", "", "", "an estimator: its state fills __dict__"),
        "SparseRandomProjection": ("import new build", "", "", "an estimator: its state fills __dict__"),
    },
    "sklearn.semi_supervised._label_propagation": {
        "LabelPropagation": ("import new build", "", "", "an estimator: its state fills __dict__"),
        "LabelSpreading": ("import new build", "", "", "an estimator: its state fills __dict__"),
    },
    "sklearn.semi_supervised._self_training": {
        "SelfTrainingClassifier": ("import new build", "", "", "an estimator: its state fills __dict__"),
    },
    "sklearn.svm._classes": {
        "LinearSVC": ("import new build", "", "", "an estimator: its state fills __dict__"),
        "LinearSVR": ("import new build", "", "", "an estimator: its state fills __dict__"),
        "NuSVC": ("import new build", "", "", "an estimator: its state fills __dict__"),
        "NuSVR": ("import new build", "", "", "an estimator: its state fills __dict__"),
        "OneClassSVM": ("import new build", "", "", "an estimator: its state fills __dict__"),
        "SVC": ("import new build", "", "", "an estimator: its state fills __dict__"),
        "SVR": ("import new build", "", "", "an estimator: its state fills __dict__"),
    },
    "sklearn.tree._classes": {
        "DecisionTreeClassifier": ("import new build", "", "", "an estimator: its state fills __dict__"),
        "DecisionTreeRegressor": ("import new build", "", "", "an estimator: its state fills __dict__"),
        "ExtraTreeClassifier": ("import new build", "", "", "an estimator: its state fills __dict__"),
        "ExtraTreeRegressor": ("import new build", "", "", "an estimator: its state fills __dict__"),
    },
    "sklearn.tree._tree": {
        "Tree": ("import call build", "tree", "", "arrays of one tree"),
    },
    "sklearn.utils._array_api": {
        "_fill_diagonal": ("import", "", "", "a function of arrays, named, not called"),
        "_find_matching_floating_dtype": ("import", "", "", "a function of arrays, named, not called"),
        "_is_numpy_namespace": ("import", "", "", "a function of arrays, named, not called"),
        "_max_precision_float_dtype": ("import", "", "", "a function of arrays, named, not called"),
        "_modify_in_place_if_numpy": ("import", "", "", "a function of arrays, named, not called"),
        "get_namespace": ("import", "", "", "a function of arrays, named, not called"),
        "get_namespace_and_device": ("import", "", "", "a function of arrays, named, not called"),
    },
    "sklearn.utils._bunch": {
        "Bunch": ("import new build extend", "bunch", "", "a dict whose items are attributes"),
    },
    "sklearn.utils._chunking": {
        "gen_batches": ("import", "", "", "a function of arrays, named, not called"),
        "gen_even_slices": ("import", "", "", "a function of arrays, named, not called"),
        "get_chunk_n_rows": ("import", "", "", "a function of arrays, named, not called"),
    },
    "sklearn.utils._mask": {
        "_get_mask": ("import", "", "", "a function of arrays, named, not called"),
    },
    "sklearn.utils._metadata_requests": {
        "MetadataRequest": ("import new build", "", "", "a class without hooks: its state fills __dict__"),
        "MethodMetadataRequest": ("import new build", "", "", "a class without hooks: its state fills __dict__"),
    },
    "sklearn.utils._missing": {
        "is_scalar_nan": ("import", "", "", "a function of arrays, named, not called"),
    },
    "sklearn.utils._param_validation": {
        "validate_params": ("import", "", "", "a function of arrays, named, not called"),
    },
    "sklearn.utils._sparse": {
        "_align_api_if_sparse": ("import", "", "", "a function of arrays, named, not called"),
    },
    "sklearn.utils.extmath": {
        "row_norms": ("import", "", "", "a function of arrays, named, not called"),
        "safe_sparse_dot": ("import", "", "", "a function of arrays, named, not called"),
    },
    "sklearn.utils.parallel": {
        "delayed": ("import", "", "", "a function of arrays, named, not called"),
    },
    "sklearn.utils.validation": {
        "_num_samples": ("import", "", "", "a function of arrays, named, not called"),
        "check_array": ("import", "", "", "a function of arrays, named, not called"),
        "check_non_negative": ("import", "", "", "a function of arrays, named, not called"),
    },
}
