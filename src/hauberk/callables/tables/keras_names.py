"""Names that Keras registers itself. Made by tools/make_operators.py from keras 3.15.1; do not edit."""

from __future__ import annotations

from typing import Final

_NAMES: Final = """
keras.DTypePolicy keras.FloatDTypePolicy keras.Function keras.Initializer keras.InputSpec keras.KerasTensor
keras.Layer keras.Loss keras.Metric keras.Model keras.Operation keras.Optimizer keras.Quantizer keras.Regularizer
keras.RematScope keras.Sequential keras.StatelessScope keras.SymbolicScope keras.Variable keras._legacy.backend.abs
keras._legacy.backend.all keras._legacy.backend.any keras._legacy.backend.arange keras._legacy.backend.argmax
keras._legacy.backend.argmin keras._legacy.backend.batch_dot keras._legacy.backend.batch_flatten
keras._legacy.backend.batch_get_value keras._legacy.backend.batch_normalization
keras._legacy.backend.batch_set_value keras._legacy.backend.bias_add keras._legacy.backend.binary_crossentropy
keras._legacy.backend.binary_focal_crossentropy keras._legacy.backend.cast keras._legacy.backend.cast_to_floatx
keras._legacy.backend.categorical_crossentropy keras._legacy.backend.categorical_focal_crossentropy
keras._legacy.backend.clip keras._legacy.backend.concatenate keras._legacy.backend.constant
keras._legacy.backend.conv1d keras._legacy.backend.conv2d keras._legacy.backend.conv2d_transpose
keras._legacy.backend.conv3d keras._legacy.backend.cos keras._legacy.backend.count_params
keras._legacy.backend.ctc_batch_cost keras._legacy.backend.ctc_decode
keras._legacy.backend.ctc_label_dense_to_sparse keras._legacy.backend.cumprod keras._legacy.backend.cumsum
keras._legacy.backend.depthwise_conv2d keras._legacy.backend.dot keras._legacy.backend.dropout
keras._legacy.backend.dtype keras._legacy.backend.elu keras._legacy.backend.equal keras._legacy.backend.eval
keras._legacy.backend.exp keras._legacy.backend.expand_dims keras._legacy.backend.eye keras._legacy.backend.flatten
keras._legacy.backend.foldl keras._legacy.backend.foldr keras._legacy.backend.gather keras._legacy.backend.get_value
keras._legacy.backend.gradients keras._legacy.backend.greater keras._legacy.backend.greater_equal
keras._legacy.backend.hard_sigmoid keras._legacy.backend.in_top_k keras._legacy.backend.int_shape
keras._legacy.backend.is_sparse keras._legacy.backend.l2_normalize keras._legacy.backend.less
keras._legacy.backend.less_equal keras._legacy.backend.log keras._legacy.backend.map_fn keras._legacy.backend.max
keras._legacy.backend.maximum keras._legacy.backend.mean keras._legacy.backend.min keras._legacy.backend.minimum
keras._legacy.backend.moving_average_update keras._legacy.backend.name_scope keras._legacy.backend.ndim
keras._legacy.backend.not_equal keras._legacy.backend.one_hot keras._legacy.backend.ones
keras._legacy.backend.ones_like keras._legacy.backend.permute_dimensions keras._legacy.backend.pool2d
keras._legacy.backend.pool3d keras._legacy.backend.pow keras._legacy.backend.prod
keras._legacy.backend.random_bernoulli keras._legacy.backend.random_normal
keras._legacy.backend.random_normal_variable keras._legacy.backend.random_uniform
keras._legacy.backend.random_uniform_variable keras._legacy.backend.relu keras._legacy.backend.repeat
keras._legacy.backend.repeat_elements keras._legacy.backend.reshape keras._legacy.backend.resize_images
keras._legacy.backend.resize_volumes keras._legacy.backend.reverse keras._legacy.backend.rnn
keras._legacy.backend.round keras._legacy.backend.separable_conv2d keras._legacy.backend.set_value
keras._legacy.backend.shape keras._legacy.backend.sigmoid keras._legacy.backend.sign keras._legacy.backend.sin
keras._legacy.backend.softmax keras._legacy.backend.softplus keras._legacy.backend.softsign
keras._legacy.backend.sparse_categorical_crossentropy keras._legacy.backend.spatial_2d_padding
keras._legacy.backend.spatial_3d_padding keras._legacy.backend.sqrt keras._legacy.backend.square
keras._legacy.backend.squeeze keras._legacy.backend.stack keras._legacy.backend.std
keras._legacy.backend.stop_gradient keras._legacy.backend.sum keras._legacy.backend.switch
keras._legacy.backend.tanh keras._legacy.backend.temporal_padding keras._legacy.backend.tile
keras._legacy.backend.to_dense keras._legacy.backend.transpose keras._legacy.backend.truncated_normal
keras._legacy.backend.update keras._legacy.backend.update_add keras._legacy.backend.update_sub
keras._legacy.backend.var keras._legacy.backend.variable keras._legacy.backend.zeros
keras._legacy.backend.zeros_like keras._legacy.layers.AlphaDropout keras._legacy.layers.RandomHeight
keras._legacy.layers.RandomWidth keras._legacy.layers.ThresholdedReLU keras._legacy.losses.Reduction
keras._legacy.preprocessing.image.DirectoryIterator keras._legacy.preprocessing.image.ImageDataGenerator
keras._legacy.preprocessing.image.Iterator keras._legacy.preprocessing.image.NumpyArrayIterator
keras._legacy.preprocessing.image.apply_affine_transform keras._legacy.preprocessing.image.apply_brightness_shift
keras._legacy.preprocessing.image.apply_channel_shift keras._legacy.preprocessing.image.random_brightness
keras._legacy.preprocessing.image.random_channel_shift keras._legacy.preprocessing.image.random_rotation
keras._legacy.preprocessing.image.random_shear keras._legacy.preprocessing.image.random_shift
keras._legacy.preprocessing.image.random_zoom keras._legacy.preprocessing.sequence.TimeseriesGenerator
keras._legacy.preprocessing.sequence.make_sampling_table keras._legacy.preprocessing.sequence.skipgrams
keras._legacy.preprocessing.text.Tokenizer keras._legacy.preprocessing.text.hashing_trick
keras._legacy.preprocessing.text.one_hot keras._legacy.preprocessing.text.text_to_word_sequence
keras._legacy.preprocessing.text.tokenizer_from_json keras.activations.celu keras.activations.deserialize
keras.activations.elu keras.activations.exponential keras.activations.gelu keras.activations.get
keras.activations.glu keras.activations.hard_shrink keras.activations.hard_sigmoid keras.activations.hard_silu
keras.activations.hard_tanh keras.activations.leaky_relu keras.activations.linear keras.activations.log_sigmoid
keras.activations.log_softmax keras.activations.mish keras.activations.relu keras.activations.relu6
keras.activations.selu keras.activations.serialize keras.activations.sigmoid keras.activations.silu
keras.activations.soft_shrink keras.activations.softmax keras.activations.softplus keras.activations.softsign
keras.activations.sparse_plus keras.activations.sparse_sigmoid keras.activations.sparsemax
keras.activations.squareplus keras.activations.tanh keras.activations.tanh_shrink keras.activations.threshold
keras.applications.MobileNetV3Large keras.applications.MobileNetV3Small keras.applications.ResNet101V2
keras.applications.ResNet152V2 keras.applications.ResNet50V2 keras.applications.convnext.ConvNeXtBase
keras.applications.convnext.ConvNeXtLarge keras.applications.convnext.ConvNeXtSmall
keras.applications.convnext.ConvNeXtTiny keras.applications.convnext.ConvNeXtXLarge
keras.applications.convnext.decode_predictions keras.applications.convnext.preprocess_input
keras.applications.densenet.DenseNet121 keras.applications.densenet.DenseNet169
keras.applications.densenet.DenseNet201 keras.applications.densenet.decode_predictions
keras.applications.densenet.preprocess_input keras.applications.efficientnet.EfficientNetB0
keras.applications.efficientnet.EfficientNetB1 keras.applications.efficientnet.EfficientNetB2
keras.applications.efficientnet.EfficientNetB3 keras.applications.efficientnet.EfficientNetB4
keras.applications.efficientnet.EfficientNetB5 keras.applications.efficientnet.EfficientNetB6
keras.applications.efficientnet.EfficientNetB7 keras.applications.efficientnet.decode_predictions
keras.applications.efficientnet.preprocess_input keras.applications.efficientnet_v2.EfficientNetV2B0
keras.applications.efficientnet_v2.EfficientNetV2B1 keras.applications.efficientnet_v2.EfficientNetV2B2
keras.applications.efficientnet_v2.EfficientNetV2B3 keras.applications.efficientnet_v2.EfficientNetV2L
keras.applications.efficientnet_v2.EfficientNetV2M keras.applications.efficientnet_v2.EfficientNetV2S
keras.applications.efficientnet_v2.decode_predictions keras.applications.efficientnet_v2.preprocess_input
keras.applications.imagenet_utils.decode_predictions keras.applications.imagenet_utils.preprocess_input
keras.applications.inception_resnet_v2.InceptionResNetV2 keras.applications.inception_resnet_v2.decode_predictions
keras.applications.inception_resnet_v2.preprocess_input keras.applications.inception_v3.InceptionV3
keras.applications.inception_v3.decode_predictions keras.applications.inception_v3.preprocess_input
keras.applications.mobilenet.MobileNet keras.applications.mobilenet.decode_predictions
keras.applications.mobilenet.preprocess_input keras.applications.mobilenet_v2.MobileNetV2
keras.applications.mobilenet_v2.decode_predictions keras.applications.mobilenet_v2.preprocess_input
keras.applications.mobilenet_v3.decode_predictions keras.applications.mobilenet_v3.preprocess_input
keras.applications.nasnet.NASNetLarge keras.applications.nasnet.NASNetMobile
keras.applications.nasnet.decode_predictions keras.applications.nasnet.preprocess_input
keras.applications.resnet.ResNet101 keras.applications.resnet.ResNet152 keras.applications.resnet50.ResNet50
keras.applications.resnet50.decode_predictions keras.applications.resnet50.preprocess_input
keras.applications.resnet_v2.decode_predictions keras.applications.resnet_v2.preprocess_input
keras.applications.vgg16.VGG16 keras.applications.vgg16.decode_predictions keras.applications.vgg16.preprocess_input
keras.applications.vgg19.VGG19 keras.applications.vgg19.decode_predictions keras.applications.vgg19.preprocess_input
keras.applications.xception.Xception keras.applications.xception.decode_predictions
keras.applications.xception.preprocess_input keras.backend.get_uid keras.backend.is_float_dtype
keras.backend.is_int_dtype keras.backend.result_type keras.callbacks.BackupAndRestore keras.callbacks.CSVLogger
keras.callbacks.Callback keras.callbacks.CallbackList keras.callbacks.EarlyStopping keras.callbacks.History
keras.callbacks.LambdaCallback keras.callbacks.LearningRateScheduler keras.callbacks.ModelCheckpoint
keras.callbacks.OrbaxCheckpoint keras.callbacks.ProgbarLogger keras.callbacks.ReduceLROnPlateau
keras.callbacks.RemoteMonitor keras.callbacks.SwapEMAWeights keras.callbacks.TensorBoard
keras.callbacks.TerminateOnNaN keras.config.backend keras.config.disable_flash_attention
keras.config.disable_interactive_logging keras.config.disable_traceback_filtering keras.config.dtype_policy
keras.config.enable_flash_attention keras.config.enable_interactive_logging keras.config.enable_traceback_filtering
keras.config.enable_unsafe_deserialization keras.config.epsilon keras.config.floatx keras.config.image_data_format
keras.config.is_flash_attention_enabled keras.config.is_interactive_logging_enabled keras.config.is_nnx_enabled
keras.config.is_traceback_filtering_enabled keras.config.max_epochs keras.config.max_steps_per_epoch
keras.config.set_backend keras.config.set_dtype_policy keras.config.set_epsilon keras.config.set_floatx
keras.config.set_image_data_format keras.config.set_max_epochs keras.config.set_max_steps_per_epoch
keras.constraints.Constraint keras.constraints.MaxNorm keras.constraints.MinMaxNorm keras.constraints.NonNeg
keras.constraints.UnitNorm keras.constraints.deserialize keras.constraints.get keras.constraints.serialize
keras.datasets.boston_housing.load_data keras.datasets.california_housing.load_data keras.datasets.cifar10.load_data
keras.datasets.cifar100.load_data keras.datasets.fashion_mnist.load_data keras.datasets.imdb.get_word_index
keras.datasets.imdb.load_data keras.datasets.mnist.load_data keras.datasets.reuters.get_label_names
keras.datasets.reuters.get_word_index keras.datasets.reuters.load_data keras.device
keras.distillation.DistillationLoss keras.distillation.Distiller keras.distillation.FeatureDistillation
keras.distillation.LogitsDistillation keras.distribution.DataParallel keras.distribution.DeviceMesh
keras.distribution.LayoutMap keras.distribution.ModelParallel keras.distribution.TensorLayout
keras.distribution.distribute_tensor keras.distribution.distribution keras.distribution.get_device_count
keras.distribution.initialize keras.distribution.list_devices keras.distribution.set_distribution
keras.dtype_policies.AWQDTypePolicy keras.dtype_policies.DTypePolicyMap keras.dtype_policies.GPTQDTypePolicy
keras.dtype_policies.Int4DTypePolicy keras.dtype_policies.QuantizedDTypePolicy
keras.dtype_policies.QuantizedFloat8DTypePolicy keras.dtype_policies.deserialize keras.dtype_policies.get
keras.dtype_policies.serialize keras.export.ExportArchive keras.initializers.Constant
keras.initializers.GlorotNormal keras.initializers.GlorotUniform keras.initializers.HeNormal
keras.initializers.HeUniform keras.initializers.Identity keras.initializers.LecunNormal
keras.initializers.LecunUniform keras.initializers.Ones keras.initializers.Orthogonal
keras.initializers.RandomNormal keras.initializers.RandomUniform keras.initializers.STFT
keras.initializers.TruncatedNormal keras.initializers.VarianceScaling keras.initializers.Zeros
keras.initializers.deserialize keras.initializers.get keras.initializers.serialize keras.layers.Activation
keras.layers.ActivityRegularization keras.layers.AdaptiveAveragePooling1D keras.layers.AdaptiveAveragePooling2D
keras.layers.AdaptiveAveragePooling3D keras.layers.AdaptiveMaxPooling1D keras.layers.AdaptiveMaxPooling2D
keras.layers.AdaptiveMaxPooling3D keras.layers.Add keras.layers.AdditiveAttention keras.layers.AlphaDropout
keras.layers.Attention keras.layers.AugMix keras.layers.AutoContrast keras.layers.Average
keras.layers.AveragePooling1D keras.layers.AveragePooling2D keras.layers.AveragePooling3D
keras.layers.BatchNormalization keras.layers.Bidirectional keras.layers.CategoryEncoding keras.layers.CenterCrop
keras.layers.Concatenate keras.layers.ContrastLimitedAdaptiveHistogramEqualization keras.layers.Conv1D
keras.layers.Conv1DTranspose keras.layers.Conv2D keras.layers.Conv2DTranspose keras.layers.Conv3D
keras.layers.Conv3DTranspose keras.layers.ConvLSTM1D keras.layers.ConvLSTM2D keras.layers.ConvLSTM3D
keras.layers.Cropping1D keras.layers.Cropping2D keras.layers.Cropping3D keras.layers.CutMix keras.layers.Dense
keras.layers.DepthwiseConv1D keras.layers.DepthwiseConv2D keras.layers.Discretization keras.layers.Dot
keras.layers.Dropout keras.layers.ELU keras.layers.EinsumDense keras.layers.Embedding keras.layers.Equalization
keras.layers.Flatten keras.layers.FlaxLayer keras.layers.GRU keras.layers.GRUCell keras.layers.GaussianDropout
keras.layers.GaussianNoise keras.layers.GlobalAveragePooling1D keras.layers.GlobalAveragePooling2D
keras.layers.GlobalAveragePooling3D keras.layers.GlobalMaxPooling1D keras.layers.GlobalMaxPooling2D
keras.layers.GlobalMaxPooling3D keras.layers.GroupNormalization keras.layers.GroupQueryAttention
keras.layers.HashedCrossing keras.layers.Hashing keras.layers.Identity keras.layers.Input keras.layers.InputLayer
keras.layers.IntegerLookup keras.layers.JaxLayer keras.layers.LSTM keras.layers.LSTMCell keras.layers.Lambda
keras.layers.LayerNormalization keras.layers.LeakyReLU keras.layers.Masking keras.layers.MaxNumBoundingBoxes
keras.layers.MaxPooling1D keras.layers.MaxPooling2D keras.layers.MaxPooling3D keras.layers.Maximum
keras.layers.MelSpectrogram keras.layers.Minimum keras.layers.MixUp keras.layers.MultiHeadAttention
keras.layers.Multiply keras.layers.Normalization keras.layers.PReLU keras.layers.Permute keras.layers.Pipeline
keras.layers.RMSNormalization keras.layers.RNN keras.layers.RandAugment keras.layers.RandomBrightness
keras.layers.RandomColorDegeneration keras.layers.RandomColorJitter keras.layers.RandomContrast
keras.layers.RandomCrop keras.layers.RandomElasticTransform keras.layers.RandomErasing keras.layers.RandomFlip
keras.layers.RandomGaussianBlur keras.layers.RandomGrayscale keras.layers.RandomHue keras.layers.RandomInvert
keras.layers.RandomPerspective keras.layers.RandomPosterization keras.layers.RandomRotation
keras.layers.RandomSaturation keras.layers.RandomSharpness keras.layers.RandomShear keras.layers.RandomTranslation
keras.layers.RandomZoom keras.layers.ReLU keras.layers.RepeatVector keras.layers.Rescaling keras.layers.Reshape
keras.layers.Resizing keras.layers.ReversibleEmbedding keras.layers.STFTSpectrogram keras.layers.SeparableConv1D
keras.layers.SeparableConv2D keras.layers.SimpleRNN keras.layers.SimpleRNNCell keras.layers.Softmax
keras.layers.Solarization keras.layers.SpatialDropout1D keras.layers.SpatialDropout2D keras.layers.SpatialDropout3D
keras.layers.SpectralNormalization keras.layers.StackedRNNCells keras.layers.StringLookup keras.layers.Subtract
keras.layers.TFSMLayer keras.layers.TextVectorization keras.layers.TimeDistributed keras.layers.TorchModuleWrapper
keras.layers.UnitNormalization keras.layers.UpSampling1D keras.layers.UpSampling2D keras.layers.UpSampling3D
keras.layers.Wrapper keras.layers.ZeroPadding1D keras.layers.ZeroPadding2D keras.layers.ZeroPadding3D
keras.layers.add keras.layers.average keras.layers.concatenate keras.layers.deserialize keras.layers.dot
keras.layers.maximum keras.layers.minimum keras.layers.multiply keras.layers.serialize keras.layers.subtract
keras.legacy.saving.deserialize_keras_object keras.legacy.saving.serialize_keras_object
keras.losses.BinaryCrossentropy keras.losses.BinaryFocalCrossentropy keras.losses.CTC
keras.losses.CategoricalCrossentropy keras.losses.CategoricalFocalCrossentropy
keras.losses.CategoricalGeneralizedCrossEntropy keras.losses.CategoricalHinge keras.losses.Circle
keras.losses.CosineSimilarity keras.losses.Dice keras.losses.Hinge keras.losses.Huber keras.losses.KLDivergence
keras.losses.LogCosh keras.losses.MeanAbsoluteError keras.losses.MeanAbsolutePercentageError
keras.losses.MeanSquaredError keras.losses.MeanSquaredLogarithmicError keras.losses.Poisson
keras.losses.SparseCategoricalCrossentropy keras.losses.SquaredHinge keras.losses.Tversky
keras.losses.categorical_generalized_cross_entropy keras.losses.circle keras.losses.cosine_similarity
keras.losses.ctc keras.losses.deserialize keras.losses.dice keras.losses.get keras.losses.huber
keras.losses.log_cosh keras.losses.serialize keras.losses.tversky keras.metrics.AUC keras.metrics.Accuracy
keras.metrics.BinaryAccuracy keras.metrics.BinaryCrossentropy keras.metrics.BinaryIoU
keras.metrics.CategoricalAccuracy keras.metrics.CategoricalCrossentropy keras.metrics.CategoricalHinge
keras.metrics.ConcordanceCorrelation keras.metrics.CosineSimilarity keras.metrics.F1Score keras.metrics.FBetaScore
keras.metrics.FalseNegatives keras.metrics.FalsePositives keras.metrics.Hinge keras.metrics.IoU
keras.metrics.KLDivergence keras.metrics.LogCoshError keras.metrics.Mean keras.metrics.MeanAbsoluteError
keras.metrics.MeanAbsolutePercentageError keras.metrics.MeanIoU keras.metrics.MeanMetricWrapper
keras.metrics.MeanSquaredError keras.metrics.MeanSquaredLogarithmicError keras.metrics.OneHotIoU
keras.metrics.OneHotMeanIoU keras.metrics.PearsonCorrelation keras.metrics.Poisson keras.metrics.Precision
keras.metrics.PrecisionAtRecall keras.metrics.R2Score keras.metrics.Recall keras.metrics.RecallAtPrecision
keras.metrics.RootMeanSquaredError keras.metrics.SensitivityAtSpecificity keras.metrics.SparseCategoricalAccuracy
keras.metrics.SparseCategoricalCrossentropy keras.metrics.SparseTopKCategoricalAccuracy
keras.metrics.SpecificityAtSensitivity keras.metrics.SquaredHinge keras.metrics.Sum
keras.metrics.TopKCategoricalAccuracy keras.metrics.TrueNegatives keras.metrics.TruePositives
keras.metrics.binary_accuracy keras.metrics.binary_crossentropy keras.metrics.binary_focal_crossentropy
keras.metrics.categorical_accuracy keras.metrics.categorical_crossentropy
keras.metrics.categorical_focal_crossentropy keras.metrics.categorical_hinge keras.metrics.concordance_correlation
keras.metrics.deserialize keras.metrics.get keras.metrics.hinge keras.metrics.kl_divergence
keras.metrics.mean_absolute_error keras.metrics.mean_absolute_percentage_error keras.metrics.mean_squared_error
keras.metrics.mean_squared_logarithmic_error keras.metrics.pearson_correlation keras.metrics.poisson
keras.metrics.serialize keras.metrics.sparse_categorical_accuracy keras.metrics.sparse_categorical_crossentropy
keras.metrics.sparse_top_k_categorical_accuracy keras.metrics.squared_hinge keras.metrics.top_k_categorical_accuracy
keras.models.clone_model keras.models.model_from_json keras.name_scope keras.ops.abs keras.ops.absolute
keras.ops.adaptive_average_pool keras.ops.adaptive_max_pool keras.ops.add keras.ops.all keras.ops.allclose
keras.ops.amax keras.ops.amin keras.ops.angle keras.ops.any keras.ops.append keras.ops.arange keras.ops.arccos
keras.ops.arccosh keras.ops.arcsin keras.ops.arcsinh keras.ops.arctan keras.ops.arctan2 keras.ops.arctanh
keras.ops.argmax keras.ops.argmin keras.ops.argpartition keras.ops.argsort keras.ops.array keras.ops.array_split
keras.ops.associative_scan keras.ops.average keras.ops.average_pool keras.ops.bartlett keras.ops.batch_normalization
keras.ops.binary_crossentropy keras.ops.bincount keras.ops.bitwise_and keras.ops.bitwise_invert
keras.ops.bitwise_left_shift keras.ops.bitwise_not keras.ops.bitwise_or keras.ops.bitwise_right_shift
keras.ops.bitwise_xor keras.ops.blackman keras.ops.broadcast_to keras.ops.cast keras.ops.categorical_crossentropy
keras.ops.cbrt keras.ops.cdist keras.ops.ceil keras.ops.celu keras.ops.cholesky keras.ops.cholesky_inverse
keras.ops.clip keras.ops.concatenate keras.ops.cond keras.ops.conj keras.ops.conjugate keras.ops.conv
keras.ops.conv_transpose keras.ops.convert_to_numpy keras.ops.convert_to_tensor keras.ops.copy keras.ops.corrcoef
keras.ops.correlate keras.ops.cos keras.ops.cosh keras.ops.count_nonzero keras.ops.cross keras.ops.ctc_decode
keras.ops.ctc_loss keras.ops.cumprod keras.ops.cumsum keras.ops.custom_gradient keras.ops.deg2rad
keras.ops.depth_to_space keras.ops.depthwise_conv keras.ops.det keras.ops.diag keras.ops.diagflat keras.ops.diagonal
keras.ops.diff keras.ops.digitize keras.ops.divide keras.ops.divide_no_nan keras.ops.dot
keras.ops.dot_product_attention keras.ops.dsplit keras.ops.dstack keras.ops.dtype keras.ops.eig keras.ops.eigh
keras.ops.einsum keras.ops.elu keras.ops.empty keras.ops.empty_like keras.ops.equal keras.ops.erf keras.ops.erfc
keras.ops.erfinv keras.ops.exp keras.ops.exp2 keras.ops.expand_dims keras.ops.expm1 keras.ops.extract_sequences
keras.ops.eye keras.ops.fabs keras.ops.fft keras.ops.fft2 keras.ops.flip keras.ops.fliplr keras.ops.flipud
keras.ops.floor keras.ops.floor_divide keras.ops.fmax keras.ops.fmin keras.ops.fmod keras.ops.fold
keras.ops.fori_loop keras.ops.full keras.ops.full_like keras.ops.gcd keras.ops.gelu keras.ops.geomspace
keras.ops.get_item keras.ops.glu keras.ops.greater keras.ops.greater_equal keras.ops.hamming keras.ops.hanning
keras.ops.hard_shrink keras.ops.hard_sigmoid keras.ops.hard_silu keras.ops.hard_tanh keras.ops.heaviside
keras.ops.histogram keras.ops.hsplit keras.ops.hstack keras.ops.hypot keras.ops.i0 keras.ops.identity
keras.ops.ifft2 keras.ops.imag keras.ops.image.affine_transform keras.ops.image.crop_images
keras.ops.image.elastic_transform keras.ops.image.extract_patches keras.ops.image.extract_patches_3d
keras.ops.image.gaussian_blur keras.ops.image.hsv_to_rgb keras.ops.image.map_coordinates keras.ops.image.pad_images
keras.ops.image.perspective_transform keras.ops.image.resize keras.ops.image.rgb_to_grayscale
keras.ops.image.rgb_to_hsv keras.ops.image.scale_and_translate keras.ops.image.sobel_edges keras.ops.image.ssim
keras.ops.in_top_k keras.ops.inner keras.ops.inv keras.ops.irfft keras.ops.is_tensor keras.ops.isclose
keras.ops.isfinite keras.ops.isin keras.ops.isinf keras.ops.isnan keras.ops.isneginf keras.ops.isposinf
keras.ops.isreal keras.ops.istft keras.ops.jvp keras.ops.kaiser keras.ops.kron keras.ops.layer_normalization
keras.ops.lcm keras.ops.ldexp keras.ops.leaky_relu keras.ops.left_shift keras.ops.less keras.ops.less_equal
keras.ops.linspace keras.ops.log keras.ops.log10 keras.ops.log1p keras.ops.log2 keras.ops.log_sigmoid
keras.ops.log_softmax keras.ops.logaddexp keras.ops.logaddexp2 keras.ops.logdet keras.ops.logical_and
keras.ops.logical_not keras.ops.logical_or keras.ops.logical_xor keras.ops.logspace keras.ops.logsumexp
keras.ops.lstsq keras.ops.lu_factor keras.ops.map keras.ops.matmul keras.ops.matrix_rank keras.ops.max
keras.ops.max_pool keras.ops.maximum keras.ops.mean keras.ops.median keras.ops.meshgrid keras.ops.min
keras.ops.minimum keras.ops.mod keras.ops.moments keras.ops.moveaxis keras.ops.multi_hot keras.ops.multiply
keras.ops.nan_to_num keras.ops.nanargmax keras.ops.nanargmin keras.ops.nancumprod keras.ops.nancumsum
keras.ops.nanmax keras.ops.nanmean keras.ops.nanmedian keras.ops.nanmin keras.ops.nanpercentile keras.ops.nanprod
keras.ops.nanquantile keras.ops.nanstd keras.ops.nansum keras.ops.nanvar keras.ops.ndim keras.ops.negative
keras.ops.nextafter keras.ops.nonzero keras.ops.norm keras.ops.normalize keras.ops.not_equal keras.ops.one_hot
keras.ops.ones keras.ops.ones_like keras.ops.outer keras.ops.pad keras.ops.percentile keras.ops.pinv keras.ops.polar
keras.ops.power keras.ops.prod keras.ops.psnr keras.ops.ptp keras.ops.qr keras.ops.quantile keras.ops.rad2deg
keras.ops.ravel keras.ops.real keras.ops.rearrange keras.ops.reciprocal keras.ops.relu keras.ops.relu6
keras.ops.repeat keras.ops.reshape keras.ops.rfft keras.ops.right_shift keras.ops.rms_normalization keras.ops.roll
keras.ops.rot90 keras.ops.round keras.ops.rsqrt keras.ops.saturate_cast keras.ops.scan keras.ops.scatter
keras.ops.scatter_update keras.ops.searchsorted keras.ops.segment_max keras.ops.segment_min keras.ops.segment_prod
keras.ops.segment_sum keras.ops.select keras.ops.selu keras.ops.separable_conv keras.ops.shape keras.ops.sigmoid
keras.ops.sign keras.ops.signbit keras.ops.silu keras.ops.sin keras.ops.sinc keras.ops.sinh keras.ops.size
keras.ops.slice keras.ops.slice_update keras.ops.slogdet keras.ops.soft_shrink keras.ops.softmax keras.ops.softplus
keras.ops.softsign keras.ops.solve keras.ops.solve_triangular keras.ops.sort keras.ops.space_to_depth
keras.ops.sparse_categorical_crossentropy keras.ops.sparse_plus keras.ops.sparse_sigmoid keras.ops.sparsemax
keras.ops.split keras.ops.sqrt keras.ops.square keras.ops.squareplus keras.ops.squeeze keras.ops.stack keras.ops.std
keras.ops.stft keras.ops.stop_gradient keras.ops.subtract keras.ops.sum keras.ops.svd keras.ops.swapaxes
keras.ops.switch keras.ops.take keras.ops.take_along_axis keras.ops.tan keras.ops.tanh keras.ops.tanh_shrink
keras.ops.tensordot keras.ops.threshold keras.ops.tile keras.ops.top_k keras.ops.trace keras.ops.transpose
keras.ops.trapezoid keras.ops.tri keras.ops.tril keras.ops.triu keras.ops.true_divide keras.ops.trunc
keras.ops.unfold keras.ops.unique keras.ops.unravel_index keras.ops.unstack keras.ops.vander keras.ops.var
keras.ops.vdot keras.ops.vectorize keras.ops.vectorized_map keras.ops.view keras.ops.view_as_complex
keras.ops.view_as_real keras.ops.vsplit keras.ops.vstack keras.ops.where keras.ops.while_loop keras.ops.zeros
keras.ops.zeros_like keras.optimizers.Adadelta keras.optimizers.Adafactor keras.optimizers.Adagrad
keras.optimizers.Adam keras.optimizers.AdamW keras.optimizers.Adamax keras.optimizers.Ftrl keras.optimizers.Lamb
keras.optimizers.Lion keras.optimizers.LossScaleOptimizer keras.optimizers.MultiOptimizer keras.optimizers.Muon
keras.optimizers.Nadam keras.optimizers.OptimizerMap keras.optimizers.RMSprop keras.optimizers.SGD
keras.optimizers.ScheduleFreeAdamW keras.optimizers.deserialize keras.optimizers.get keras.optimizers.legacy.Adagrad
keras.optimizers.schedules.CosineDecay keras.optimizers.schedules.CosineDecayRestarts
keras.optimizers.schedules.ExponentialDecay keras.optimizers.schedules.InverseTimeDecay
keras.optimizers.schedules.LearningRateSchedule keras.optimizers.schedules.PiecewiseConstantDecay
keras.optimizers.schedules.PolynomialDecay keras.optimizers.schedules.deserialize
keras.optimizers.schedules.serialize keras.optimizers.serialize keras.preprocessing.image.smart_resize
keras.quantizers.AWQConfig keras.quantizers.AbsMaxQuantizer keras.quantizers.Float8QuantizationConfig
keras.quantizers.GPTQConfig keras.quantizers.Int4QuantizationConfig keras.quantizers.Int8QuantizationConfig
keras.quantizers.QuantizationConfig keras.quantizers.abs_max_quantize
keras.quantizers.abs_max_quantize_grouped_with_zero_point keras.quantizers.compute_float8_amax_history
keras.quantizers.compute_float8_scale keras.quantizers.deserialize keras.quantizers.fake_quant_with_min_max_vars
keras.quantizers.get keras.quantizers.pack_int4 keras.quantizers.quantize_and_dequantize keras.quantizers.serialize
keras.quantizers.unpack_int4 keras.random.SeedGenerator keras.random.beta keras.random.binomial
keras.random.categorical keras.random.dropout keras.random.gamma keras.random.normal keras.random.randint
keras.random.shuffle keras.random.truncated_normal keras.random.uniform keras.regularizers.L1
keras.regularizers.L1L2 keras.regularizers.L2 keras.regularizers.OrthogonalRegularizer
keras.regularizers.deserialize keras.regularizers.get keras.regularizers.serialize keras.remat
keras.saving.CustomObjectScope keras.saving.KerasFileEditor keras.saving.deserialize_keras_object
keras.saving.get_custom_objects keras.saving.get_registered_name keras.saving.get_registered_object
keras.saving.load_model keras.saving.load_weights keras.saving.register_keras_serializable keras.saving.save_model
keras.saving.save_weights keras.saving.serialize_keras_object keras.src.activations.activations.Mish
keras.src.activations.activations.ReLU keras.src.applications.convnext.LayerScale
keras.src.applications.convnext.StochasticDepth keras.src.applications.inception_resnet_v2.CustomScaleLayer
keras.src.backend.tensorflow.optimizer.TFOptimizer keras.src.constraints.constraints.Constraint
keras.src.constraints.constraints.MaxNorm keras.src.constraints.constraints.MinMaxNorm
keras.src.constraints.constraints.NonNeg keras.src.constraints.constraints.UnitNorm
keras.src.distillation.distillation_loss.FeatureDistillation
keras.src.distillation.distillation_loss.LogitsDistillation keras.src.distillation.distiller.Distiller
keras.src.dtype_policies.dtype_policy.AWQDTypePolicy keras.src.dtype_policies.dtype_policy.DTypePolicy
keras.src.dtype_policies.dtype_policy.FloatDTypePolicy keras.src.dtype_policies.dtype_policy.GPTQDTypePolicy
keras.src.dtype_policies.dtype_policy.Int4DTypePolicy keras.src.dtype_policies.dtype_policy.QuantizedDTypePolicy
keras.src.dtype_policies.dtype_policy.QuantizedFloat8DTypePolicy
keras.src.dtype_policies.dtype_policy_map.DTypePolicyMap keras.src.export.tfsm_layer.TFSMLayer
keras.src.initializers.constant_initializers.Constant keras.src.initializers.constant_initializers.Identity
keras.src.initializers.constant_initializers.Ones keras.src.initializers.constant_initializers.STFT
keras.src.initializers.constant_initializers.Zeros keras.src.initializers.initializer.Initializer
keras.src.initializers.random_initializers.GlorotNormal keras.src.initializers.random_initializers.GlorotUniform
keras.src.initializers.random_initializers.HeNormal keras.src.initializers.random_initializers.HeUniform
keras.src.initializers.random_initializers.LecunNormal keras.src.initializers.random_initializers.LecunUniform
keras.src.initializers.random_initializers.Orthogonal keras.src.initializers.random_initializers.RandomInitializer
keras.src.initializers.random_initializers.RandomNormal keras.src.initializers.random_initializers.RandomUniform
keras.src.initializers.random_initializers.TruncatedNormal
keras.src.initializers.random_initializers.VarianceScaling keras.src.layers.activations.activation.Activation
keras.src.layers.activations.elu.ELU keras.src.layers.activations.leaky_relu.LeakyReLU
keras.src.layers.activations.prelu.PReLU keras.src.layers.activations.relu.ReLU
keras.src.layers.activations.softmax.Softmax keras.src.layers.attention.additive_attention.AdditiveAttention
keras.src.layers.attention.attention.Attention
keras.src.layers.attention.grouped_query_attention.GroupedQueryAttention
keras.src.layers.attention.multi_head_attention.MultiHeadAttention keras.src.layers.convolutional.base_conv.BaseConv
keras.src.layers.convolutional.base_conv_transpose.BaseConvTranspose
keras.src.layers.convolutional.base_depthwise_conv.BaseDepthwiseConv
keras.src.layers.convolutional.base_separable_conv.BaseSeparableConv keras.src.layers.convolutional.conv1d.Conv1D
keras.src.layers.convolutional.conv1d_transpose.Conv1DTranspose keras.src.layers.convolutional.conv2d.Conv2D
keras.src.layers.convolutional.conv2d_transpose.Conv2DTranspose keras.src.layers.convolutional.conv3d.Conv3D
keras.src.layers.convolutional.conv3d_transpose.Conv3DTranspose
keras.src.layers.convolutional.depthwise_conv1d.DepthwiseConv1D
keras.src.layers.convolutional.depthwise_conv2d.DepthwiseConv2D
keras.src.layers.convolutional.separable_conv1d.SeparableConv1D
keras.src.layers.convolutional.separable_conv2d.SeparableConv2D keras.src.layers.core.dense.Dense
keras.src.layers.core.einsum_dense.EinsumDense keras.src.layers.core.embedding.Embedding
keras.src.layers.core.identity.Identity keras.src.layers.core.input_layer.InputLayer
keras.src.layers.core.lambda_layer.Lambda keras.src.layers.core.masking.Masking
keras.src.layers.core.reversible_embedding.ReversibleEmbedding keras.src.layers.core.wrapper.Wrapper
keras.src.layers.input_spec.InputSpec keras.src.layers.layer.Layer keras.src.layers.merging.add.Add
keras.src.layers.merging.average.Average keras.src.layers.merging.base_merge.Merge
keras.src.layers.merging.concatenate.Concatenate keras.src.layers.merging.dot.Dot
keras.src.layers.merging.maximum.Maximum keras.src.layers.merging.minimum.Minimum
keras.src.layers.merging.multiply.Multiply keras.src.layers.merging.subtract.Subtract
keras.src.layers.normalization.batch_normalization.BatchNormalization
keras.src.layers.normalization.group_normalization.GroupNormalization
keras.src.layers.normalization.layer_normalization.LayerNormalization
keras.src.layers.normalization.rms_normalization.RMSNormalization
keras.src.layers.normalization.spectral_normalization.SpectralNormalization
keras.src.layers.normalization.unit_normalization.UnitNormalization
keras.src.layers.pooling.adaptive_average_pooling1d.AdaptiveAveragePooling1D
keras.src.layers.pooling.adaptive_average_pooling2d.AdaptiveAveragePooling2D
keras.src.layers.pooling.adaptive_average_pooling3d.AdaptiveAveragePooling3D
keras.src.layers.pooling.adaptive_max_pooling1d.AdaptiveMaxPooling1D
keras.src.layers.pooling.adaptive_max_pooling2d.AdaptiveMaxPooling2D
keras.src.layers.pooling.adaptive_max_pooling3d.AdaptiveMaxPooling3D
keras.src.layers.pooling.average_pooling1d.AveragePooling1D
keras.src.layers.pooling.average_pooling2d.AveragePooling2D
keras.src.layers.pooling.average_pooling3d.AveragePooling3D
keras.src.layers.pooling.base_adaptive_pooling.BaseAdaptiveAveragePooling
keras.src.layers.pooling.base_adaptive_pooling.BaseAdaptiveMaxPooling
keras.src.layers.pooling.base_adaptive_pooling.BaseAdaptivePooling
keras.src.layers.pooling.base_global_pooling.BaseGlobalPooling keras.src.layers.pooling.base_pooling.BasePooling
keras.src.layers.pooling.global_average_pooling1d.GlobalAveragePooling1D
keras.src.layers.pooling.global_average_pooling2d.GlobalAveragePooling2D
keras.src.layers.pooling.global_average_pooling3d.GlobalAveragePooling3D
keras.src.layers.pooling.global_max_pooling1d.GlobalMaxPooling1D
keras.src.layers.pooling.global_max_pooling2d.GlobalMaxPooling2D
keras.src.layers.pooling.global_max_pooling3d.GlobalMaxPooling3D keras.src.layers.pooling.max_pooling1d.MaxPooling1D
keras.src.layers.pooling.max_pooling2d.MaxPooling2D keras.src.layers.pooling.max_pooling3d.MaxPooling3D
keras.src.layers.preprocessing.category_encoding.CategoryEncoding
keras.src.layers.preprocessing.data_layer.DataLayer keras.src.layers.preprocessing.discretization.Discretization
keras.src.layers.preprocessing.feature_space.Cross keras.src.layers.preprocessing.feature_space.Feature
keras.src.layers.preprocessing.feature_space.FeatureSpace keras.src.layers.preprocessing.feature_space.TFDConcat
keras.src.layers.preprocessing.feature_space.TFDIdentity
keras.src.layers.preprocessing.hashed_crossing.HashedCrossing keras.src.layers.preprocessing.hashing.Hashing
keras.src.layers.preprocessing.image_preprocessing.aug_mix.AugMix
keras.src.layers.preprocessing.image_preprocessing.auto_contrast.AutoContrast
keras.src.layers.preprocessing.image_preprocessing.base_image_preprocessing_layer.BaseImagePreprocessingLayer
keras.src.layers.preprocessing.image_preprocessing.center_crop.CenterCrop
keras.src.layers.preprocessing.image_preprocessing.clahe.ContrastLimitedAdaptiveHistogramEqualization
keras.src.layers.preprocessing.image_preprocessing.cut_mix.CutMix
keras.src.layers.preprocessing.image_preprocessing.equalization.Equalization
keras.src.layers.preprocessing.image_preprocessing.max_num_bounding_box.MaxNumBoundingBoxes
keras.src.layers.preprocessing.image_preprocessing.mix_up.MixUp
keras.src.layers.preprocessing.image_preprocessing.rand_augment.RandAugment
keras.src.layers.preprocessing.image_preprocessing.random_brightness.RandomBrightness
keras.src.layers.preprocessing.image_preprocessing.random_color_degeneration.RandomColorDegeneration
keras.src.layers.preprocessing.image_preprocessing.random_color_jitter.RandomColorJitter
keras.src.layers.preprocessing.image_preprocessing.random_contrast.RandomContrast
keras.src.layers.preprocessing.image_preprocessing.random_crop.RandomCrop
keras.src.layers.preprocessing.image_preprocessing.random_elastic_transform.RandomElasticTransform
keras.src.layers.preprocessing.image_preprocessing.random_erasing.RandomErasing
keras.src.layers.preprocessing.image_preprocessing.random_flip.RandomFlip
keras.src.layers.preprocessing.image_preprocessing.random_gaussian_blur.RandomGaussianBlur
keras.src.layers.preprocessing.image_preprocessing.random_grayscale.RandomGrayscale
keras.src.layers.preprocessing.image_preprocessing.random_hue.RandomHue
keras.src.layers.preprocessing.image_preprocessing.random_invert.RandomInvert
keras.src.layers.preprocessing.image_preprocessing.random_perspective.RandomPerspective
keras.src.layers.preprocessing.image_preprocessing.random_posterization.RandomPosterization
keras.src.layers.preprocessing.image_preprocessing.random_rotation.RandomRotation
keras.src.layers.preprocessing.image_preprocessing.random_saturation.RandomSaturation
keras.src.layers.preprocessing.image_preprocessing.random_sharpness.RandomSharpness
keras.src.layers.preprocessing.image_preprocessing.random_shear.RandomShear
keras.src.layers.preprocessing.image_preprocessing.random_translation.RandomTranslation
keras.src.layers.preprocessing.image_preprocessing.random_zoom.RandomZoom
keras.src.layers.preprocessing.image_preprocessing.resizing.Resizing
keras.src.layers.preprocessing.image_preprocessing.solarization.Solarization
keras.src.layers.preprocessing.index_lookup.IndexLookup keras.src.layers.preprocessing.integer_lookup.IntegerLookup
keras.src.layers.preprocessing.mel_spectrogram.MelSpectrogram
keras.src.layers.preprocessing.normalization.Normalization keras.src.layers.preprocessing.pipeline.Pipeline
keras.src.layers.preprocessing.rescaling.Rescaling keras.src.layers.preprocessing.stft_spectrogram.STFTSpectrogram
keras.src.layers.preprocessing.string_lookup.StringLookup
keras.src.layers.preprocessing.text_vectorization.TextVectorization
keras.src.layers.regularization.activity_regularization.ActivityRegularization
keras.src.layers.regularization.alpha_dropout.AlphaDropout keras.src.layers.regularization.dropout.Dropout
keras.src.layers.regularization.gaussian_dropout.GaussianDropout
keras.src.layers.regularization.gaussian_noise.GaussianNoise
keras.src.layers.regularization.spatial_dropout.BaseSpatialDropout
keras.src.layers.regularization.spatial_dropout.SpatialDropout1D
keras.src.layers.regularization.spatial_dropout.SpatialDropout2D
keras.src.layers.regularization.spatial_dropout.SpatialDropout3D keras.src.layers.reshaping.cropping1d.Cropping1D
keras.src.layers.reshaping.cropping2d.Cropping2D keras.src.layers.reshaping.cropping3d.Cropping3D
keras.src.layers.reshaping.flatten.Flatten keras.src.layers.reshaping.permute.Permute
keras.src.layers.reshaping.repeat_vector.RepeatVector keras.src.layers.reshaping.reshape.Reshape
keras.src.layers.reshaping.up_sampling1d.UpSampling1D keras.src.layers.reshaping.up_sampling2d.UpSampling2D
keras.src.layers.reshaping.up_sampling3d.UpSampling3D keras.src.layers.reshaping.zero_padding1d.ZeroPadding1D
keras.src.layers.reshaping.zero_padding2d.ZeroPadding2D keras.src.layers.reshaping.zero_padding3d.ZeroPadding3D
keras.src.layers.rnn.bidirectional.Bidirectional keras.src.layers.rnn.conv_lstm.ConvLSTM
keras.src.layers.rnn.conv_lstm.ConvLSTMCell keras.src.layers.rnn.conv_lstm1d.ConvLSTM1D
keras.src.layers.rnn.conv_lstm2d.ConvLSTM2D keras.src.layers.rnn.conv_lstm3d.ConvLSTM3D keras.src.layers.rnn.gru.GRU
keras.src.layers.rnn.gru.GRUCell keras.src.layers.rnn.lstm.LSTM keras.src.layers.rnn.lstm.LSTMCell
keras.src.layers.rnn.rnn.RNN keras.src.layers.rnn.simple_rnn.SimpleRNN keras.src.layers.rnn.simple_rnn.SimpleRNNCell
keras.src.layers.rnn.stacked_rnn_cells.StackedRNNCells keras.src.layers.rnn.time_distributed.TimeDistributed
keras.src.legacy.layers.AlphaDropout keras.src.legacy.layers.RandomHeight keras.src.legacy.layers.RandomWidth
keras.src.legacy.layers.ThresholdedReLU keras.src.losses.loss.Loss keras.src.losses.losses.BinaryCrossentropy
keras.src.losses.losses.BinaryFocalCrossentropy keras.src.losses.losses.CTC
keras.src.losses.losses.CategoricalCrossentropy keras.src.losses.losses.CategoricalFocalCrossentropy
keras.src.losses.losses.CategoricalGeneralizedCrossEntropy keras.src.losses.losses.CategoricalHinge
keras.src.losses.losses.Circle keras.src.losses.losses.CosineSimilarity keras.src.losses.losses.Dice
keras.src.losses.losses.Hinge keras.src.losses.losses.Huber keras.src.losses.losses.KLDivergence
keras.src.losses.losses.LogCosh keras.src.losses.losses.LossFunctionWrapper
keras.src.losses.losses.MeanAbsoluteError keras.src.losses.losses.MeanAbsolutePercentageError
keras.src.losses.losses.MeanSquaredError keras.src.losses.losses.MeanSquaredLogarithmicError
keras.src.losses.losses.Poisson keras.src.losses.losses.SparseCategoricalCrossentropy
keras.src.losses.losses.SquaredHinge keras.src.losses.losses.Tversky keras.src.metrics.accuracy_metrics.Accuracy
keras.src.metrics.accuracy_metrics.BinaryAccuracy keras.src.metrics.accuracy_metrics.CategoricalAccuracy
keras.src.metrics.accuracy_metrics.SparseCategoricalAccuracy
keras.src.metrics.accuracy_metrics.SparseTopKCategoricalAccuracy
keras.src.metrics.accuracy_metrics.TopKCategoricalAccuracy keras.src.metrics.confusion_metrics.AUC
keras.src.metrics.confusion_metrics.FalseNegatives keras.src.metrics.confusion_metrics.FalsePositives
keras.src.metrics.confusion_metrics.Precision keras.src.metrics.confusion_metrics.PrecisionAtRecall
keras.src.metrics.confusion_metrics.Recall keras.src.metrics.confusion_metrics.RecallAtPrecision
keras.src.metrics.confusion_metrics.SensitivityAtSpecificity
keras.src.metrics.confusion_metrics.SensitivitySpecificityBase
keras.src.metrics.confusion_metrics.SpecificityAtSensitivity keras.src.metrics.confusion_metrics.TrueNegatives
keras.src.metrics.confusion_metrics.TruePositives keras.src.metrics.confusion_metrics._ConfusionMatrixConditionCount
keras.src.metrics.correlation_metrics.ConcordanceCorrelation
keras.src.metrics.correlation_metrics.PearsonCorrelation keras.src.metrics.f_score_metrics.F1Score
keras.src.metrics.f_score_metrics.FBetaScore keras.src.metrics.hinge_metrics.CategoricalHinge
keras.src.metrics.hinge_metrics.Hinge keras.src.metrics.hinge_metrics.SquaredHinge
keras.src.metrics.iou_metrics.BinaryIoU keras.src.metrics.iou_metrics.IoU keras.src.metrics.iou_metrics.MeanIoU
keras.src.metrics.iou_metrics.OneHotIoU keras.src.metrics.iou_metrics.OneHotMeanIoU
keras.src.metrics.iou_metrics._IoUBase keras.src.metrics.metric.Metric
keras.src.metrics.probabilistic_metrics.BinaryCrossentropy
keras.src.metrics.probabilistic_metrics.CategoricalCrossentropy keras.src.metrics.probabilistic_metrics.KLDivergence
keras.src.metrics.probabilistic_metrics.Poisson
keras.src.metrics.probabilistic_metrics.SparseCategoricalCrossentropy keras.src.metrics.reduction_metrics.Mean
keras.src.metrics.reduction_metrics.MeanMetricWrapper keras.src.metrics.reduction_metrics.Sum
keras.src.metrics.regression_metrics.CosineSimilarity keras.src.metrics.regression_metrics.LogCoshError
keras.src.metrics.regression_metrics.MeanAbsoluteError
keras.src.metrics.regression_metrics.MeanAbsolutePercentageError
keras.src.metrics.regression_metrics.MeanSquaredError
keras.src.metrics.regression_metrics.MeanSquaredLogarithmicError keras.src.metrics.regression_metrics.R2Score
keras.src.metrics.regression_metrics.RootMeanSquaredError keras.src.models.functional.Functional
keras.src.models.model.Model keras.src.models.sequential.Sequential keras.src.ops.core.AssociativeScan
keras.src.ops.core.Cast keras.src.ops.core.Cond keras.src.ops.core.ConvertToTensor keras.src.ops.core.ForiLoop
keras.src.ops.core.Map keras.src.ops.core.SaturateCast keras.src.ops.core.Scan keras.src.ops.core.Scatter
keras.src.ops.core.ScatterUpdate keras.src.ops.core.Slice keras.src.ops.core.SliceUpdate
keras.src.ops.core.StopGradient keras.src.ops.core.Switch keras.src.ops.core.Unstack
keras.src.ops.core.VectorizedMap keras.src.ops.core.WhileLoop keras.src.ops.einops.Rearrange
keras.src.ops.function.Function keras.src.ops.image.AffineTransform keras.src.ops.image.CropImages
keras.src.ops.image.ElasticTransform keras.src.ops.image.ExtractPatches keras.src.ops.image.GaussianBlur
keras.src.ops.image.HSVToRGB keras.src.ops.image.MapCoordinates keras.src.ops.image.PadImages
keras.src.ops.image.PerspectiveTransform keras.src.ops.image.RGBToGrayscale keras.src.ops.image.RGBToHSV
keras.src.ops.image.Resize keras.src.ops.image.SSIM keras.src.ops.image.ScaleAndTranslate
keras.src.ops.image.SobelEdges keras.src.ops.linalg.Cholesky keras.src.ops.linalg.CholeskyInverse
keras.src.ops.linalg.Det keras.src.ops.linalg.Eig keras.src.ops.linalg.Eigh keras.src.ops.linalg.Inv
keras.src.ops.linalg.JVP keras.src.ops.linalg.Lstsq keras.src.ops.linalg.LuFactor keras.src.ops.linalg.MatrixRank
keras.src.ops.linalg.Norm keras.src.ops.linalg.Pinv keras.src.ops.linalg.Qr keras.src.ops.linalg.SVD
keras.src.ops.linalg.Solve keras.src.ops.linalg.SolveTriangular keras.src.ops.math.CDist keras.src.ops.math.Erf
keras.src.ops.math.Erfc keras.src.ops.math.Erfinv keras.src.ops.math.ExtractSequences keras.src.ops.math.FFT
keras.src.ops.math.FFT2 keras.src.ops.math.IFFT2 keras.src.ops.math.IRFFT keras.src.ops.math.ISTFT
keras.src.ops.math.InTopK keras.src.ops.math.Logdet keras.src.ops.math.Logsumexp keras.src.ops.math.RFFT
keras.src.ops.math.Rsqrt keras.src.ops.math.STFT keras.src.ops.math.SegmentMax keras.src.ops.math.SegmentMin
keras.src.ops.math.SegmentProd keras.src.ops.math.SegmentReduction keras.src.ops.math.SegmentSum
keras.src.ops.math.TopK keras.src.ops.math.ViewAsComplex keras.src.ops.math.ViewAsReal
keras.src.ops.nn.AdaptiveAveragePool keras.src.ops.nn.AdaptiveMaxPool keras.src.ops.nn.AveragePool
keras.src.ops.nn.BatchNorm keras.src.ops.nn.BinaryCrossentropy keras.src.ops.nn.CTCDecode keras.src.ops.nn.CTCLoss
keras.src.ops.nn.CategoricalCrossentropy keras.src.ops.nn.Celu keras.src.ops.nn.Conv keras.src.ops.nn.ConvTranspose
keras.src.ops.nn.DepthToSpace keras.src.ops.nn.DepthwiseConv keras.src.ops.nn.DotProductAttention
keras.src.ops.nn.Elu keras.src.ops.nn.Fold keras.src.ops.nn.Gelu keras.src.ops.nn.Glu keras.src.ops.nn.HardShrink
keras.src.ops.nn.HardSigmoid keras.src.ops.nn.HardSilu keras.src.ops.nn.HardTanh keras.src.ops.nn.LayerNorm
keras.src.ops.nn.LeakyRelu keras.src.ops.nn.LogSigmoid keras.src.ops.nn.LogSoftmax keras.src.ops.nn.MaxPool
keras.src.ops.nn.Moments keras.src.ops.nn.MultiHot keras.src.ops.nn.Normalize keras.src.ops.nn.OneHot
keras.src.ops.nn.PSNR keras.src.ops.nn.Polar keras.src.ops.nn.RMSNorm keras.src.ops.nn.Relu keras.src.ops.nn.Relu6
keras.src.ops.nn.Selu keras.src.ops.nn.SeparableConv keras.src.ops.nn.Sigmoid keras.src.ops.nn.Silu
keras.src.ops.nn.SoftShrink keras.src.ops.nn.Softmax keras.src.ops.nn.Softplus keras.src.ops.nn.Softsign
keras.src.ops.nn.SpaceToDepth keras.src.ops.nn.SparseCategoricalCrossentropy keras.src.ops.nn.SparsePlus
keras.src.ops.nn.SparseSigmoid keras.src.ops.nn.Sparsemax keras.src.ops.nn.Squareplus keras.src.ops.nn.TanhShrink
keras.src.ops.nn.Threshold keras.src.ops.nn.Unfold keras.src.ops.numpy.Abs keras.src.ops.numpy.Absolute
keras.src.ops.numpy.Add keras.src.ops.numpy.All keras.src.ops.numpy.AllClose keras.src.ops.numpy.Amax
keras.src.ops.numpy.Amin keras.src.ops.numpy.Angle keras.src.ops.numpy.Any keras.src.ops.numpy.Append
keras.src.ops.numpy.Arange keras.src.ops.numpy.Arccos keras.src.ops.numpy.Arccosh keras.src.ops.numpy.Arcsin
keras.src.ops.numpy.Arcsinh keras.src.ops.numpy.Arctan keras.src.ops.numpy.Arctan2 keras.src.ops.numpy.Arctanh
keras.src.ops.numpy.Argmax keras.src.ops.numpy.Argmin keras.src.ops.numpy.Argpartition keras.src.ops.numpy.Argsort
keras.src.ops.numpy.Array keras.src.ops.numpy.ArraySplit keras.src.ops.numpy.Average keras.src.ops.numpy.Bincount
keras.src.ops.numpy.BitwiseAnd keras.src.ops.numpy.BitwiseInvert keras.src.ops.numpy.BitwiseLeftShift
keras.src.ops.numpy.BitwiseNot keras.src.ops.numpy.BitwiseOr keras.src.ops.numpy.BitwiseRightShift
keras.src.ops.numpy.BitwiseXor keras.src.ops.numpy.BroadcastTo keras.src.ops.numpy.Cbrt keras.src.ops.numpy.Ceil
keras.src.ops.numpy.Clip keras.src.ops.numpy.Concatenate keras.src.ops.numpy.Conj keras.src.ops.numpy.Conjugate
keras.src.ops.numpy.Copy keras.src.ops.numpy.Corrcoef keras.src.ops.numpy.Correlate keras.src.ops.numpy.Cos
keras.src.ops.numpy.Cosh keras.src.ops.numpy.CountNonzero keras.src.ops.numpy.Cross keras.src.ops.numpy.Cumprod
keras.src.ops.numpy.Cumsum keras.src.ops.numpy.Deg2rad keras.src.ops.numpy.Diag keras.src.ops.numpy.Diagflat
keras.src.ops.numpy.Diagonal keras.src.ops.numpy.Diff keras.src.ops.numpy.Digitize keras.src.ops.numpy.Divide
keras.src.ops.numpy.DivideNoNan keras.src.ops.numpy.Dot keras.src.ops.numpy.Dsplit keras.src.ops.numpy.Dstack
keras.src.ops.numpy.Einsum keras.src.ops.numpy.EmptyLike keras.src.ops.numpy.Equal keras.src.ops.numpy.Exp
keras.src.ops.numpy.Exp2 keras.src.ops.numpy.ExpandDims keras.src.ops.numpy.Expm1 keras.src.ops.numpy.Fabs
keras.src.ops.numpy.Flip keras.src.ops.numpy.Fliplr keras.src.ops.numpy.Flipud keras.src.ops.numpy.Floor
keras.src.ops.numpy.FloorDivide keras.src.ops.numpy.Fmax keras.src.ops.numpy.Fmin keras.src.ops.numpy.Fmod
keras.src.ops.numpy.Full keras.src.ops.numpy.FullLike keras.src.ops.numpy.Gcd keras.src.ops.numpy.Geomspace
keras.src.ops.numpy.GetItem keras.src.ops.numpy.Greater keras.src.ops.numpy.GreaterEqual
keras.src.ops.numpy.Heaviside keras.src.ops.numpy.Histogram keras.src.ops.numpy.Hsplit keras.src.ops.numpy.Hstack
keras.src.ops.numpy.Hypot keras.src.ops.numpy.I0 keras.src.ops.numpy.Imag keras.src.ops.numpy.Inner
keras.src.ops.numpy.IsIn keras.src.ops.numpy.Isclose keras.src.ops.numpy.Isfinite keras.src.ops.numpy.Isinf
keras.src.ops.numpy.Isnan keras.src.ops.numpy.Isneginf keras.src.ops.numpy.Isposinf keras.src.ops.numpy.Isreal
keras.src.ops.numpy.Kron keras.src.ops.numpy.Lcm keras.src.ops.numpy.Ldexp keras.src.ops.numpy.LeftShift
keras.src.ops.numpy.Less keras.src.ops.numpy.LessEqual keras.src.ops.numpy.Linspace keras.src.ops.numpy.Log
keras.src.ops.numpy.Log10 keras.src.ops.numpy.Log1p keras.src.ops.numpy.Log2 keras.src.ops.numpy.Logaddexp
keras.src.ops.numpy.Logaddexp2 keras.src.ops.numpy.LogicalAnd keras.src.ops.numpy.LogicalNot
keras.src.ops.numpy.LogicalOr keras.src.ops.numpy.LogicalXor keras.src.ops.numpy.Logspace keras.src.ops.numpy.Matmul
keras.src.ops.numpy.Max keras.src.ops.numpy.Maximum keras.src.ops.numpy.Mean keras.src.ops.numpy.Median
keras.src.ops.numpy.Meshgrid keras.src.ops.numpy.Min keras.src.ops.numpy.Minimum keras.src.ops.numpy.Mod
keras.src.ops.numpy.Moveaxis keras.src.ops.numpy.Multiply keras.src.ops.numpy.NanToNum keras.src.ops.numpy.Nanargmax
keras.src.ops.numpy.Nanargmin keras.src.ops.numpy.Nancumprod keras.src.ops.numpy.Nancumsum
keras.src.ops.numpy.Nanmax keras.src.ops.numpy.Nanmean keras.src.ops.numpy.Nanmedian keras.src.ops.numpy.Nanmin
keras.src.ops.numpy.Nanpercentile keras.src.ops.numpy.Nanprod keras.src.ops.numpy.Nanquantile
keras.src.ops.numpy.Nanstd keras.src.ops.numpy.Nansum keras.src.ops.numpy.Nanvar keras.src.ops.numpy.Ndim
keras.src.ops.numpy.Negative keras.src.ops.numpy.Nextafter keras.src.ops.numpy.Nonzero keras.src.ops.numpy.NotEqual
keras.src.ops.numpy.OnesLike keras.src.ops.numpy.Outer keras.src.ops.numpy.Pad keras.src.ops.numpy.Percentile
keras.src.ops.numpy.Power keras.src.ops.numpy.Prod keras.src.ops.numpy.Ptp keras.src.ops.numpy.Quantile
keras.src.ops.numpy.Rad2deg keras.src.ops.numpy.Ravel keras.src.ops.numpy.Real keras.src.ops.numpy.Reciprocal
keras.src.ops.numpy.Repeat keras.src.ops.numpy.Reshape keras.src.ops.numpy.RightShift keras.src.ops.numpy.Roll
keras.src.ops.numpy.Rot90 keras.src.ops.numpy.Round keras.src.ops.numpy.SearchSorted keras.src.ops.numpy.Select
keras.src.ops.numpy.Sign keras.src.ops.numpy.Signbit keras.src.ops.numpy.Sin keras.src.ops.numpy.Sinc
keras.src.ops.numpy.Sinh keras.src.ops.numpy.Size keras.src.ops.numpy.Slogdet keras.src.ops.numpy.Sort
keras.src.ops.numpy.Split keras.src.ops.numpy.Sqrt keras.src.ops.numpy.Square keras.src.ops.numpy.Squeeze
keras.src.ops.numpy.Stack keras.src.ops.numpy.Std keras.src.ops.numpy.Subtract keras.src.ops.numpy.Sum
keras.src.ops.numpy.Swapaxes keras.src.ops.numpy.Take keras.src.ops.numpy.TakeAlongAxis keras.src.ops.numpy.Tan
keras.src.ops.numpy.Tanh keras.src.ops.numpy.Tensordot keras.src.ops.numpy.Tile keras.src.ops.numpy.Trace
keras.src.ops.numpy.Transpose keras.src.ops.numpy.Trapezoid keras.src.ops.numpy.Tril keras.src.ops.numpy.Triu
keras.src.ops.numpy.TrueDivide keras.src.ops.numpy.Trunc keras.src.ops.numpy.Unique keras.src.ops.numpy.UnravelIndex
keras.src.ops.numpy.Vander keras.src.ops.numpy.Var keras.src.ops.numpy.Vdot keras.src.ops.numpy.View
keras.src.ops.numpy.Vsplit keras.src.ops.numpy.Vstack keras.src.ops.numpy.Where keras.src.ops.numpy.ZerosLike
keras.src.ops.operation.Operation keras.src.optimizers.adadelta.Adadelta keras.src.optimizers.adafactor.Adafactor
keras.src.optimizers.adagrad.Adagrad keras.src.optimizers.adam.Adam keras.src.optimizers.adamax.Adamax
keras.src.optimizers.adamw.AdamW keras.src.optimizers.base_optimizer.BaseOptimizer keras.src.optimizers.ftrl.Ftrl
keras.src.optimizers.lamb.Lamb keras.src.optimizers.lion.Lion
keras.src.optimizers.loss_scale_optimizer.LossScaleOptimizer keras.src.optimizers.multi_optimizer.MultiOptimizer
keras.src.optimizers.multi_optimizer.OptimizerMap keras.src.optimizers.muon.Muon keras.src.optimizers.nadam.Nadam
keras.src.optimizers.optimizer.Optimizer keras.src.optimizers.rmsprop.RMSprop
keras.src.optimizers.schedule_free_adamw.ScheduleFreeAdamW
keras.src.optimizers.schedules.learning_rate_schedule.CosineDecay
keras.src.optimizers.schedules.learning_rate_schedule.CosineDecayRestarts
keras.src.optimizers.schedules.learning_rate_schedule.ExponentialDecay
keras.src.optimizers.schedules.learning_rate_schedule.InverseTimeDecay
keras.src.optimizers.schedules.learning_rate_schedule.LearningRateSchedule
keras.src.optimizers.schedules.learning_rate_schedule.PiecewiseConstantDecay
keras.src.optimizers.schedules.learning_rate_schedule.PolynomialDecay keras.src.optimizers.sgd.SGD
keras.src.quantizers.awq_config.AWQConfig keras.src.quantizers.gptq_config.GPTQConfig
keras.src.quantizers.quantization_config.Float8QuantizationConfig
keras.src.quantizers.quantization_config.Int4QuantizationConfig
keras.src.quantizers.quantization_config.Int8QuantizationConfig
keras.src.quantizers.quantization_config.QuantizationConfig keras.src.quantizers.quantizers.AbsMaxQuantizer
keras.src.quantizers.quantizers.FakeQuantWithMinMaxVars keras.src.quantizers.quantizers.GPTQQuantizer
keras.src.quantizers.quantizers.Quantizer keras.src.random.seed_generator.SeedGenerator
keras.src.regularizers.regularizers.L1 keras.src.regularizers.regularizers.L1L2
keras.src.regularizers.regularizers.L2 keras.src.regularizers.regularizers.OrthogonalRegularizer
keras.src.regularizers.regularizers.Regularizer keras.src.trainers.compile_utils.CompileLoss
keras.src.trainers.compile_utils.CompileMetrics keras.src.trainers.compile_utils.MetricsList
keras.src.utils.jax_layer.FlaxLayer keras.src.utils.jax_layer.JaxLayer
keras.src.utils.torch_utils.TorchModuleWrapper keras.tree.MAP_TO_NONE keras.tree.assert_same_paths
keras.tree.assert_same_structure keras.tree.flatten keras.tree.flatten_with_path keras.tree.is_nested
keras.tree.lists_to_tuples keras.tree.map_shape_structure keras.tree.map_structure keras.tree.map_structure_up_to
keras.tree.pack_sequence_as keras.tree.traverse keras.utils.Config keras.utils.FeatureSpace keras.utils.Progbar
keras.utils.PyDataset keras.utils.array_to_img keras.utils.audio_dataset_from_directory
keras.utils.bounding_boxes.affine_transform keras.utils.bounding_boxes.clip_to_image_size
keras.utils.bounding_boxes.compute_ciou keras.utils.bounding_boxes.compute_iou
keras.utils.bounding_boxes.convert_format keras.utils.bounding_boxes.crop
keras.utils.bounding_boxes.decode_deltas_to_boxes keras.utils.bounding_boxes.encode_box_to_deltas
keras.utils.bounding_boxes.pad keras.utils.clear_session keras.utils.get_file keras.utils.get_source_inputs
keras.utils.image_dataset_from_directory keras.utils.img_to_array keras.utils.is_keras_tensor keras.utils.load_img
keras.utils.model_to_dot keras.utils.normalize keras.utils.pack_x_y_sample_weight keras.utils.pad_sequences
keras.utils.plot_model keras.utils.save_img keras.utils.set_random_seed keras.utils.split_dataset
keras.utils.standardize_dtype keras.utils.text_dataset_from_directory keras.utils.timeseries_dataset_from_array
keras.utils.to_categorical keras.utils.unpack_x_y_sample_weight keras.version
keras.visualization.draw_bounding_boxes keras.visualization.draw_segmentation_masks
keras.visualization.plot_bounding_box_gallery keras.visualization.plot_image_gallery
keras.visualization.plot_segmentation_mask_gallery keras.wrappers.SKLearnClassifier keras.wrappers.SKLearnRegressor
keras.wrappers.SKLearnTransformer
"""
NAMES: Final = frozenset(_NAMES.split())
