"""Callables of other people's packages that are known to do more than make data; `dangerous` says how these are meant.

A package is condemned as a whole where nothing in it is data that a file could hold, and by single names where data
lives beside them. Reasons are shared by rows that differ only in the name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hauberk.callables.judgement import Capability

if TYPE_CHECKING:
    from collections.abc import Mapping

    Row = tuple[Capability, str]

PROCESS: Final = Capability.PROCESS
CODE: Final = Capability.CODE
IMPORT: Final = Capability.IMPORT
NETWORK: Final = Capability.NETWORK
READ: Final = Capability.FILE_READ
WRITE: Final = Capability.FILE_WRITE
LOAD: Final = Capability.DESERIALISE
TAMPER: Final = Capability.REGISTRY_TAMPERING


def _each(capability: Capability, why: str, names: str) -> dict[str, Row]:
    """Return one row a name for all names in a text."""
    return dict.fromkeys(names.split(), (capability, why))


PACKAGES: Final[Mapping[str, Row]] = {
    # Processes
    **_each(PROCESS, "runs programs", "plumbum pexpect ptyprocess sarge delegator pywinpty winpty psutil fabric"),
    **_each(
        PROCESS,
        "installs or builds packages, which runs code",
        "wheel virtualenv conda poetry pipenv PyInstaller cx_Freeze nuitka pex hatchling flit_core",
    ),
    **_each(
        PROCESS,
        "calls functions in other processes",
        "loky joblib.externals.loky multiprocess pathos billiard pebble execnet mpi4py celery rq dramatiq huey",
    ),
    **_each(
        PROCESS,
        "runs work on a cluster",
        "ray._private ray.actor ray.remote_function ray.job_submission "
        "pyspark.context pyspark.java_gateway pyspark.shell luigi prefect airflow dagster submitit",
    ),
    **_each(PROCESS, "runs programs or controls machines", "ansible pyngrok"),
    **_each(
        PROCESS, "reaches the system of Windows", "win32api win32com win32process win32file wmi pythoncom comtypes"
    ),
    **_each(PROCESS, "runs a converter of media", "ffmpeg moviepy pydub imageio_ffmpeg"),
    **_each(
        PROCESS,
        "starts training in processes of its own",
        "accelerate.commands accelerate.launchers accelerate.utils.launch deepspeed.launcher deepspeed.ops.op_builder "
        "torch.distributed.launch torch.distributed.run torch.distributed.elastic torch.distributed.launcher "
        "transformers.commands transformers.testing_utils tensorflow.python.distribute xgboost.spark",
    ),
    **_each(PROCESS, "compiles by a program", "pycuda.compiler pybind11 mesonbuild"),
    **_each(
        PROCESS,
        "runs a helper program",
        "matplotlib.texmanager matplotlib.animation PIL.ImageShow PIL.ImageGrab PIL.EpsImagePlugin nltk.internals "
        "nltk.app sympy.printing.preview sympy.utilities.autowrap spacy.cli gensim.models.wrappers "
        "ultralytics.utils.checks streamlit execjs",
    ),
    # Code
    **_each(
        CODE,
        "an interpreter or debugger",
        "IPython ipykernel ptpython bpython konch ipdb pudb pydevd debugpy rpdb remote_pdb jupyter_client nbclient "
        "nbconvert papermill notebook",
    ),
    **_each(
        CODE,
        "evaluates expressions",
        "numexpr asteval simpleeval RestrictedPython patsy.eval sympy.parsing "
        "sympy.utilities.lambdify PIL.ImageMath formulaic.transforms",
    ),
    **_each(
        CODE,
        "compiles and runs machine code",
        "cffi _cffi_backend Cython cython pyximport llvmlite numba.pycc numba.core.codegen cppyy triton pythran "
        "numpy.ctypeslib scipy._lib._ccallback torch.utils.dlpack jax._src.dlpack",
    ),
    **_each(CODE, "runs another language", "rpy2 jpype py4j julia oct2py js2py quickjs lupa dukpy matlab"),
    **_each(
        CODE,
        "makes functions from source",
        "decorator scipy._lib.decorator attr._make jinja2 mako chameleon genshi tornado.template",
    ),
    **_each(CODE, "calls what it wraps", "wrapt lazy_object_proxy toolz cytoolz funcy tenacity retrying greenlet"),
    **_each(
        CODE,
        "runs tests",
        "pytest _pytest nose coverage hypothesis torch.testing pandas._testing "
        "sklearn.utils.estimator_checks numpy._pytesttester numpy.conftest sklearn.conftest scipy._lib._testutils",
    ),
    **_each(
        CODE,
        "calls whatever a configuration or a command line names",
        "jsonargparse hydra absl.app lightning.pytorch.cli pytorch_lightning.cli",
    ),
    **_each(
        CODE,
        "compiles, traces or makes programs",
        "torch.fx torch._functorch torch.func torch._export torch._ops torch._classes torch.library torch._library "
        "torch._custom_op torch._custom_ops torch._C._jit torch._higher_order_ops torch._lazy torch.utils.benchmark "
        "tensorflow.python.autograph tensorflow.python.ops.script_ops tensorflow.python.framework.load_library "
        "tensorflow.python.tools tensorflow.python.debug jax._src.callback jax.experimental.host_callback "
        "cupy.cuda.compiler cupyx.jit",
    ),
    **_each(
        CODE,
        "calls functions on the elements of a structure",
        "torch.utils._pytree torch.utils._cxx_pytree "
        "jax.tree_util jax._src.tree_util optree sklearn.utils.parallel pandas.core.apply",
    ),
    **_each(
        CODE,
        "downloads and imports code",
        "diffusers.utils.dynamic_modules_utils datasets.packaged_modules datasets.utils.py_utils "
        "transformers.agents transformers.tools smolagents evaluate.loading timm.models._hub",
    ),
    **_each(CODE, "runs source that its page shows", "matplotlib.sphinxext"),
    **_each(
        CODE,
        "runs code that a layer brings",
        "keras.src.layers.core.lambda_layer keras.layers.core.lambda_layer "
        "keras.src.utils.jax_layer keras.src.utils.torch_utils",
    ),
    # Imports
    **_each(
        IMPORT,
        "imports by name",
        "importlib_metadata importlib_resources stevedore pluggy entrypoints lazy_loader "
        "six.moves past future.standard_library transformers.utils.import_utils tensorflow.python.util.lazy_loader "
        "torch._vendor zope.dottedname django.utils.module_loading werkzeug.utils",
    ),
    # Network
    **_each(
        NETWORK,
        "requests or serves",
        "aiohttp websockets websocket grpc pycurl treq twisted zmq tornado gevent eventlet trio anyio uvloop "
        "asyncssh scapy flask fastapi starlette uvicorn gunicorn cherrypy gradio bokeh.server "
        "rpyc Pyro4 Pyro5 nacos pika kafka paho ldap3 pysnmp httplib2 mechanize selenium playwright scrapy",
    ),
    **_each(
        NETWORK,
        "reads and writes remote stores",
        "boto3 botocore s3transfer s3fs gcsfs adlfs google.cloud azure minio oss2 cloudpathlib obstore smart_open "
        "aiobotocore webdav dropbox",
    ),
    **_each(
        NETWORK,
        "downloads files or reports to a server",
        "gdown wget kaggle kagglehub comet_ml neptune clearml dvc nltk.downloader gensim.downloader "
        "torchvision.datasets torchtext.utils torchaudio.datasets ultralytics.utils.downloads ultralytics.hub "
        "keras.src.utils.file_utils keras.utils.data_utils keras.src.applications keras.src.datasets onnx.hub "
        "transformers.utils.hub transformers.file_utils skops.hub_utils modelscope "
        "tensorflow_hub tensorflow_datasets tfds fiftyone",
    ),
    **_each(
        NETWORK,
        "opens databases on other machines",
        "pymysql MySQLdb psycopg2 psycopg pymongo redis cassandra elasticsearch neo4j snowflake clickhouse_driver",
    ),
    **_each(
        NETWORK,
        "talks to other processes of a job",
        "torch.distributed.rpc torch.distributed.distributed_c10d "
        "torch._C._distributed_c10d torch._C._distributed_rpc kubernetes",
    ),
    # Files
    **_each(WRITE, "opens databases", "sqlalchemy duckdb lmdb peewee sqlite_utils tinydb plyvel leveldb"),
    **_each(
        WRITE,
        "opens files",
        "h5py zarr netCDF4 pyarrow.fs pyarrow.dataset pyarrow.parquet pyarrow.feather "
        "pyarrow.csv openpyxl xlsxwriter tensorflow.python.lib.io tensorflow.python.platform.gfile "
        "tensorflow.python.training.saver torch.utils.tensorboard tensorboardX torch.profiler torch.onnx "
        "torch.utils.hipify torch.utils._content_store torch.autograd.profiler etils.epath aiofiles filelock "
        "py._path",
    ),
    **_each(
        READ,
        "opens files",
        "xlrd pyxlsb imageio tifffile soundfile audioread pdfplumber PyPDF2 docx "
        "tensorflow.python.ops.io_ops tensorflow.python.ops.gen_io_ops polars.io pyarrow.ipc lxml.etree bs4.dammit "
        "torch._sources matplotlib.style pkg_resources.extern jax._src.compilation_cache",
    ),
    **_each(READ, "reads secrets", "keyring browser_cookie3 pyperclip dotenv decouple secretstorage"),
    # Deserialisers
    **_each(
        LOAD,
        "loads pickles",
        "diskcache sqlitedict klepto srsly zodbpickle ZODB pickle5 "
        "pandas.compat.pickle_compat torch._weights_only_unpickler torch.utils.show_pickle numba.core.serialize "
        "joblib.externals.cloudpickle ray.cloudpickle distributed.protocol sklearn.externals.joblib "
        "cloudpickle_generators hickle fastcore.xtras torch.distributed._tools skops.io._persist "
        "pytorch_lightning.core.saving lightning_fabric.utilities.cloud_io pytorch_lightning.utilities.cloud_io "
        "lightning.fabric.utilities.cloud_io timm.models._helpers",
    ),
    **_each(
        LOAD,
        "builds any object from a document",
        "ruamel ruamel.yaml pyaml serpent oyaml jsonpickle ansible.parsing msgpack_numpy",
    ),
    **_each(
        LOAD,
        "loads models, which can bring code",
        "keras.src.saving keras.saving keras.src.legacy.saving keras.src.export keras.src.utils.python_utils "
        "tensorflow.python.saved_model tensorflow.saved_model tensorflow.python.keras.saving torch.export "
        "jax.export jax._src.export jax.experimental.serialize_executable orbax onnxruntime tensorrt openvino "
        "tflite_runtime coremltools paddle.jit",
    ),
    # Tables of the process
    **_each(
        TAMPER,
        "changes how the whole process computes",
        "torch.backends torch.overrides torch._guards torch.utils.backend_registration torch._logging",
    ),
}

PACKAGE_NAMES: Final[Mapping[str, Mapping[str, Row]]] = {
    "torch": {
        **_each(LOAD, "loads pickles", "load"),
        **_each(WRITE, "writes a file", "save"),
        **_each(CODE, "compiles a function", "compile"),
        **_each(
            READ, "maps a file", "from_file UntypedStorage.from_file FloatStorage.from_file TypedStorage.from_file"
        ),
        **_each(CODE, "calls its first argument", "vmap"),
        **_each(CODE, "reads memory at an address", "from_dlpack frombuffer asarray"),
        **_each(
            TAMPER,
            "changes a setting of the process",
            "manual_seed seed set_default_device set_default_dtype "
            "set_default_tensor_type set_num_threads set_rng_state use_deterministic_algorithms "
            "set_printoptions set_deterministic_debug_mode set_warn_always",
        ),
    },
    "torch._C": {
        **_each(
            LOAD,
            "loads a program",
            "import_ir_module import_ir_module_from_buffer _import_ir_module_from_package "
            "_load_for_lite_interpreter _load_jit_module_from_file parse_ir PyTorchFileReader CompilationUnit",
        ),
        **_each(WRITE, "writes a file", "PyTorchFileWriter"),
        **_each(READ, "maps a file", "_VariableFunctionsClass.from_file StorageBase._new_with_file"),
        **_each(TAMPER, "changes a setting of the process", "_set_default_tensor_type _jit_set_profiling_executor"),
    },
    "torch.serialization": {
        **_each(LOAD, "loads pickles", "load _load _legacy_load _open_file_like _open_zipfile_reader"),
        **_each(WRITE, "writes a file", "save _save _legacy_save _open_zipfile_writer"),
        **_each(
            TAMPER,
            "changes what may be loaded, or who loads it",
            "add_safe_globals clear_safe_globals safe_globals "
            "register_package set_default_load_endianness set_default_mmap_options",
        ),
    },
    "torch.storage": {
        "_load_from_bytes": (LOAD, "loads pickles from bytes"),
        **_each(READ, "maps a file", "UntypedStorage.from_file TypedStorage.from_file"),
    },
    "torch._utils": {
        "_rebuild_from_type_v2": (CODE, "calls its first argument"),
        "_import_dotted_name": (IMPORT, "imports by name"),
        "_rebuild_nested_tensor": (CODE, "reads memory at offsets that nobody checks"),
        "_rebuild_xla_tensor": (CODE, "makes a tensor on a device"),
    },
    "torch._tensor": {
        "_rebuild_from_type": (CODE, "calls its first argument"),
        "Tensor.apply_": (CODE, "calls a function for each element"),
    },
    "torch.utils.checkpoint": {
        "checkpoint": (CODE, "calls its first argument"),
        "checkpoint_sequential": (CODE, "calls its first argument"),
    },
    "torch.utils.data.datapipes.iter": _each(READ, "opens files", "FileOpener FileLister HttpReader OnlineReader"),
    "torch.nn.modules.module": _each(
        TAMPER,
        "adds a hook to every module",
        "register_module_forward_hook register_module_forward_pre_hook register_module_full_backward_hook",
    ),
    "torch.cuda": _each(CODE, "calls what it is given", "_lazy_call graphs make_graphed_callables"),
    "torch.distributed": {
        **_each(
            NETWORK,
            "talks to other processes of a job",
            "init_process_group TCPStore FileStore HashStore "
            "broadcast_object_list all_gather_object gather_object scatter_object_list recv_object_list",
        ),
    },
    "torch.distributed.checkpoint.state_dict_loader": _each(READ, "opens files", "load load_state_dict"),
    "torch.distributed.checkpoint.filesystem": _each(READ, "opens files", "FileSystemReader FileSystemWriter"),
    "torch.distributed.checkpoint.default_planner": _each(LOAD, "loads pickles", "DefaultLoadPlanner"),
    "numpy": {
        **_each(CODE, "evaluates an expression", "safe_eval"),
        **_each(IMPORT, "imports by name", "lookfor info source"),
        **_each(CODE, "calls a function", "fromiter"),
    },
    "numpy.random": _each(TAMPER, "makes random numbers predictable", "seed set_state"),
    "numpy.rec": _each(READ, "opens a file", "fromfile"),
    "numpy._core.records": _each(READ, "opens a file", "fromfile"),
    "numpy.core.records": _each(READ, "opens a file", "fromfile"),
    "numpy._core.memmap": {"memmap": (WRITE, "maps a file")},
    "numpy.core.memmap": {"memmap": (WRITE, "maps a file")},
    "numpy._core.numeric": {
        **_each(CODE, "calls its first argument", "fromfunction"),
        **_each(READ, "opens a file", "fromfile"),
    },
    "numpy._core._internal": _each(CODE, "reaches memory", "_ctypes dummy_ctype"),
    "numpy.lib._utils_impl": _each(IMPORT, "imports by name", "lookfor info source safe_eval"),
    "numpy.lib.utils": _each(IMPORT, "imports by name", "lookfor info source safe_eval"),
    "numpy.lib._function_base_impl": _each(CODE, "calls its first argument", "vectorize piecewise"),
    "numpy.lib.function_base": _each(CODE, "calls its first argument", "vectorize piecewise"),
    "numpy.lib._shape_base_impl": _each(CODE, "calls its first argument", "apply_along_axis apply_over_axes"),
    "numpy.lib.shape_base": _each(CODE, "calls its first argument", "apply_along_axis apply_over_axes"),
    "numpy.lib.stride_tricks": _each(CODE, "reaches memory behind the end of an array", "as_strided DummyArray"),
    "numpy.lib._stride_tricks_impl": _each(CODE, "reaches memory behind the end of an array", "as_strided DummyArray"),
    "numpy.compat.py3k": _each(CODE, "loads a module from a file", "npy_load_module open_latin1"),
    "numpy._core._ufunc_config": _each(CODE, "installs a function that is called on errors", "seterrcall errstate"),
    "scipy": {"LowLevelCallable": (CODE, "calls machine code")},
    "scipy.optimize": _each(CODE, "calls its first argument", "minimize root brentq fsolve curve_fit basinhopping"),
    "scipy.integrate": _each(CODE, "calls its first argument", "quad odeint solve_ivp nquad"),
    "pandas": {
        **_each(
            READ,
            "opens files and URLs",
            "read_table read_fwf read_orc read_feather read_sas read_spss read_stata "
            "read_clipboard read_sql_table read_sql_query read_gbq read_iceberg ExcelFile HDFStore",
        ),
        **_each(
            WRITE,
            "writes a file",
            "ExcelWriter DataFrame.to_csv DataFrame.to_pickle DataFrame.to_parquet "
            "DataFrame.to_hdf DataFrame.to_sql DataFrame.to_json DataFrame.to_excel Series.to_csv Series.to_pickle",
        ),
        **_each(CODE, "calls a function", "DataFrame.apply DataFrame.map DataFrame.pipe Series.apply Series.map test"),
        **_each(TAMPER, "changes a setting of the process", "set_option reset_option option_context"),
    },
    "pandas.core.frame": {
        **_each(CODE, "evaluates an expression", "DataFrame.eval DataFrame.query DataFrame.apply DataFrame.pipe"),
        **_each(WRITE, "writes a file", "DataFrame.to_csv DataFrame.to_pickle DataFrame.to_parquet DataFrame.to_hdf"),
    },
    "pandas.core.generic": _each(
        WRITE, "writes a file", "NDFrame.to_csv NDFrame.to_pickle NDFrame.to_hdf NDFrame.pipe"
    ),
    "pandas.util": _each(IMPORT, "imports by name", "_tester"),
    "polars": {
        **_each(
            READ,
            "opens files and URLs",
            "read_csv read_parquet scan_csv scan_parquet read_json read_excel "
            "read_database read_ipc scan_ipc read_avro read_delta",
        ),
        **_each(LOAD, "loads a plan", "LazyFrame.deserialize DataFrame.deserialize Expr.deserialize"),
    },
    "pyarrow": {
        **_each(WRITE, "opens files", "OSFile memory_map create_memory_map input_stream output_stream"),
        **_each(LOAD, "loads pickles", "deserialize deserialize_pandas PyExtensionType read_serialized"),
    },
    "dask": {**_each(CODE, "calls functions", "compute delayed"), **_each(TAMPER, "changes settings", "config")},
    "dask.base": _each(CODE, "calls functions", "compute unpack_collections"),
    "dask.core": _each(CODE, "calls functions", "get _execute_task"),
    "dask.local": _each(CODE, "calls functions", "get_sync get_async execute_task"),
    "dask.utils": _each(CODE, "calls functions, or imports by name", "apply import_required methodcaller getattr"),
    "distributed": _each(NETWORK, "runs work on a cluster", "Client LocalCluster Worker Scheduler"),
    "datasets": _each(CODE, "downloads and runs code", "load_dataset load_dataset_builder load_from_disk"),
    "transformers": {
        **_each(
            NETWORK,
            "downloads models",
            "pipeline AutoModel AutoTokenizer AutoConfig AutoProcessor "
            "AutoModelForCausalLM AutoFeatureExtractor AutoImageProcessor cached_file",
        ),
        **_each(CODE, "downloads and runs code", "load_tool Tool"),
    },
    "transformers.pipelines": _each(NETWORK, "downloads models", "pipeline"),
    "transformers.modeling_utils": _each(LOAD, "loads pickles", "load_state_dict"),
    "tensorflow.python.keras.layers.core": {"Lambda": (CODE, "runs code that a layer brings")},
    "gensim.utils": {
        **_each(LOAD, "loads pickles", "unpickle SaveLoad.load SaveLoad._load_specials"),
        **_each(PROCESS, "runs a program", "check_output"),
    },
    "wandb": _each(NETWORK, "reports to a server", "init Api restore login"),
    "sentence_transformers.util": _each(NETWORK, "downloads files", "http_get load_file_path import_from_string"),
    "transformers.models.auto.auto_factory": _each(
        NETWORK, "downloads models", "_BaseAutoModelClass get_class_from_dynamic_module"
    ),
    "keras": {**_each(LOAD, "loads models, which can bring code", "models.load_model Sequential.from_config")},
    "keras.models": _each(
        LOAD, "loads models, which can bring code", "load_model model_from_json model_from_config clone_model"
    ),
    "keras.src.models.cloning": _each(CODE, "calls a function for each layer", "clone_model"),
    "keras.layers": {
        "Lambda": (CODE, "runs code that a layer brings"),
        "TorchModuleWrapper": (LOAD, "loads pickles"),
        "deserialize": (LOAD, "loads layers"),
    },
    "keras.utils": {
        **_each(NETWORK, "downloads files", "get_file"),
        **_each(LOAD, "loads objects", "deserialize_keras_object func_load"),
        **_each(TAMPER, "registers a class", "register_keras_serializable custom_object_scope"),
    },
    "keras.config": _each(TAMPER, "allows what is not safe", "enable_unsafe_deserialization"),
    "keras.src.layers": {"Lambda": (CODE, "runs code that a layer brings")},
    "keras.src.layers.preprocessing.string_lookup": {"StringLookup": (READ, "opens a file")},
    "tensorflow": {
        **_each(
            CODE,
            "calls a function, or loads a library",
            "py_function numpy_function function load_library load_op_library map_fn while_loop cond",
        ),
        **_each(READ, "opens files", "io.read_file io.gfile.GFile data.TFRecordDataset data.TextLineDataset"),
        **_each(WRITE, "writes files", "io.write_file io.gfile.remove summary.create_file_writer"),
        **_each(LOAD, "loads models, which can bring code", "saved_model.load keras.models.load_model"),
    },
    "tensorflow.io": {
        **_each(READ, "opens files", "read_file gfile matching_files"),
        **_each(WRITE, "writes files", "write_file write_graph"),
    },
    "tensorflow.io.gfile": {
        **_each(WRITE, "opens files", "GFile copy makedirs rename mkdir"),
        **_each(Capability.FILE_DELETE, "removes files", "remove rmtree"),
    },
    "tensorflow.keras.models": _each(LOAD, "loads models, which can bring code", "load_model model_from_json"),
    "jax": {**_each(CODE, "calls a function", "pure_callback jit vmap pmap grad eval_shape")},
    "jax.experimental": _each(CODE, "calls a function", "io_callback"),
    "jax.numpy": {
        "load": (LOAD, "loads pickles"),
        "fromfile": (READ, "opens a file"),
        "frompyfunc": (CODE, "wraps a function"),
        "vectorize": (CODE, "wraps a function"),
    },
    "flax.serialization": _each(LOAD, "loads documents", "msgpack_restore from_bytes"),
    "flax.training.checkpoints": _each(READ, "opens files", "restore_checkpoint"),
    "cupy": {
        **_each(CODE, "compiles and runs machine code", "RawKernel RawModule ElementwiseKernel ReductionKernel"),
        **_each(LOAD, "loads pickles", "load"),
    },
    "numba": _each(CODE, "compiles a function", "jit njit vectorize guvectorize cfunc"),
    "numba.core.registry": _each(CODE, "compiles a function", "CPUDispatcher"),
    "sympy": _each(CODE, "evaluates an expression", "sympify parse_expr lambdify S simplify preview var symbols"),
    "sympy.core.sympify": _each(CODE, "evaluates an expression", "sympify kernS _sympify"),
    "omegaconf": {
        **_each(TAMPER, "registers a resolver, which is called", "OmegaConf.register_new_resolver"),
        **_each(READ, "opens a file", "OmegaConf.load"),
        **_each(CODE, "resolves expressions", "OmegaConf.to_object"),
    },
    "omegaconf.resolvers": _each(READ, "reads the environment", "oc"),
    "pydantic": {
        **_each(LOAD, "loads documents, pickles too", "parse_raw_as parse_file_as parse_obj_as"),
        **_each(IMPORT, "imports by name", "ImportString PyObject"),
    },
    "pydantic.deprecated.parse": _each(LOAD, "loads documents, pickles too", "load_file load_str_bytes"),
    "pydantic.v1.parse": _each(LOAD, "loads documents, pickles too", "load_file load_str_bytes"),
    "pydantic.utils": _each(IMPORT, "imports by name", "import_string"),
    "pydantic._internal._validators": _each(IMPORT, "imports by name", "import_string _import_string_logic"),
    "attr": _each(CODE, "makes a class from source", "make_class"),
    "six": {**_each(CODE, "executes source", "exec_"), **_each(IMPORT, "imports by name", "_import_module")},
    "click": _each(PROCESS, "runs a program", "edit launch echo_via_pager"),
    "cv2": {
        **_each(READ, "opens files and streams", "imread VideoCapture FileStorage"),
        **_each(WRITE, "writes files", "imwrite VideoWriter"),
    },
    "cv2.dnn": _each(LOAD, "loads models", "readNet readNetFromONNX readNetFromTensorflow"),
    "PIL.Image": {**_each(READ, "opens a file", "open"), **_each(WRITE, "writes a file", "Image.save")},
    "matplotlib.pyplot": _each(WRITE, "writes a file", "savefig imsave"),
    "matplotlib.cbook": _each(READ, "opens a file", "get_sample_data open_file_cm"),
    "nltk": _each(NETWORK, "downloads files", "download"),
    "nltk.data": _each(LOAD, "loads pickles from files and URLs", "load find retrieve LazyLoader"),
    "gensim.models": _each(LOAD, "loads pickles", "KeyedVectors.load Word2Vec.load"),
    "spacy": _each(CODE, "loads a package of code", "load"),
    "spacy.util": _each(CODE, "runs programs or loads code", "load_model run_command import_file"),
    "fastai.learner": _each(LOAD, "loads pickles", "load_learner"),
    "fastai.torch_core": _each(CODE, "calls a function", "apply"),
    "timm": _each(NETWORK, "downloads models", "create_model"),
    "ultralytics.nn.tasks": {
        **_each(LOAD, "loads pickles", "torch_safe_load attempt_load_weights attempt_load_one_weight load_checkpoint"),
        **_each(CODE, "evaluates names in a configuration", "parse_model"),
    },
    "ultralytics.utils.patches": {
        **_each(LOAD, "loads pickles", "torch_load"),
        **_each(READ, "opens a file", "imread"),
        **_each(WRITE, "writes a file", "imwrite torch_save"),
    },
    "xgboost": _each(READ, "opens a file", "DMatrix"),
    "onnx": _each(READ, "opens files", "load load_model load_external_data"),
    "librosa": _each(READ, "opens a file", "load"),
    "msgpack": _each(LOAD, "loads documents with hooks", "unpackb loads unpack load Unpacker"),
    "simplejson": _each(LOAD, "loads a document with hooks", "load loads"),
    "accelerate": _each(PROCESS, "starts training in processes of its own", "notebook_launcher debug_launcher"),
    "accelerate.utils": _each(LOAD, "loads pickles", "load load_checkpoint_in_model"),
    "safetensors.torch": _each(READ, "opens a file", "load_file load_model"),
    "statsmodels.iolib.smpickle": _each(LOAD, "loads pickles", "load_pickle RemoveDataPickler"),
    "statsmodels.datasets.utils": _each(NETWORK, "downloads files", "get_rdataset webuse"),
}
