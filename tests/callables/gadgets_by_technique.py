"""Gadgets by what they do for an attacker, each with the capability that a report must name. Names only.

Collected from the libraries' own references: what runs a program, code or an import, reaches the network or files, loads
pickles, changes the tables of a process, or ends it; also under the names by which other modules re-export it.
"""

from hauberk.callables.judgement import Capability

TECHNIQUES = {
    ("a program is run", Capability.PROCESS): """
os popen;os execv;os execvpe;os spawnl;os posix_spawn;os fork;os startfile;os forkpty;posix execve;posix fork
posix posix_spawnp;nt spawnv;subprocess run;subprocess call;subprocess getoutput;subprocess getstatusoutput
subprocess check_call;_posixsubprocess fork_exec;_winapi CreateProcess;popen2 popen3;pty fork;pipes Template
multiprocessing Process;multiprocessing.pool Pool;multiprocessing.managers SyncManager;concurrent.futures ProcessPoolExecutor
concurrent.futures.process ProcessPoolExecutor;asyncio create_subprocess_shell;asyncio.subprocess create_subprocess_exec
asyncio.base_events BaseEventLoop.subprocess_shell;webbrowser get;webbrowser BackgroundBrowser;webbrowser GenericBrowser
antigravity geohash;platform popen;platform _syscmd_file;platform architecture;_osx_support _find_executable
mailcap findmatch;mailcap subst;ensurepip bootstrap;ensurepip _main;pip._internal.cli.main main;pip._internal.utils.subprocess call_subprocess
setuptools setup;setuptools.command.install install;distutils.spawn spawn;distutils.core run_setup;distutils.util execute
distutils.ccompiler CCompiler.spawn;venv create;venv EnvBuilder;test.support.script_helper run_python_until_end
test.support run_in_subinterp;idlelib.pyshell main;idlelib.textview view_text;numpy.distutils.exec_command exec_command
numpy.distutils.misc_util exec_mod_from_location;uuid _netstat_getter;uuid getnode;torch.utils.collect_env run_and_read_all
torch.utils.collect_env get_env_info;torch.multiprocessing spawn;torch.distributed.launch main;torch.distributed.run main
torch.distributed.elastic.multiprocessing start_processes;pexpect spawn;pexpect run;ptyprocess PtyProcess.spawn
plumbum.cmd ls;loky get_reusable_executor;joblib.externals.loky get_reusable_executor;pathos.multiprocessing ProcessPool
multiprocess Process;execnet makegateway;mpi4py.futures MPIPoolExecutor;pyspark.context SparkContext;ray._private.worker init
ansible.module_utils.basic AnsibleModule;win32api ShellExecute;win32com.client Dispatch;wmi WMI;ffmpeg run;psutil_ Popen
accelerate.launchers notebook_launcher;accelerate.commands.launch main;deepspeed.launcher.runner main
deepspeed.ops.op_builder.builder OpBuilder.jit_load;transformers.testing_utils execute_subprocess_async
transformers.commands.transformers_cli main;matplotlib.texmanager TexManager;matplotlib.animation FFMpegWriter
PIL.ImageShow show;PIL.EpsImagePlugin Ghostscript;nltk.internals java;sympy.printing.preview preview
sympy.utilities.autowrap autowrap;spacy.cli download;gensim.utils check_output;click edit;click launch
ultralytics.utils.checks check_requirements;pycuda.compiler compile;mesonbuild.mesonmain main;conda.cli main;virtualenv cli_run
PyInstaller.__main__ run;celery Celery;tensorflow.python.distribute.multi_process_runner run
""",
    ("code is run or reached", Capability.CODE): """
builtins exec;builtins globals;builtins vars;builtins filter;builtins sorted;builtins property;builtins super
builtins memoryview;builtins __build_class__;builtins classmethod;__builtin__ reduce_;types LambdaType;types MethodType
types new_class;types CellType;types coroutine;code compile_command;code InteractiveConsole;codeop Compile
bdb Bdb.runeval;bdb Bdb.runcall;pdb runeval;pdb runcall;pdb Pdb;cProfile Profile;profile Profile;trace Trace;trace main
timeit repeat;timeit Timer.timeit;doctest run_docstring_examples;doctest testmod;doctest DocTestRunner;unittest main
unittest.mock_ patch;runpy run_module;runpy _run_module_code;py_compile compile;compileall compile_dir;zipapp create_archive
ctypes cdll;ctypes PyDLL;ctypes pythonapi;ctypes CFUNCTYPE;ctypes string_at;ctypes memmove;ctypes cast;_ctypes dlopen
_ctypes PyObj_FromPtr;lib2to3.refactor RefactoringTool;gc get_referrers;gc get_objects;symtable symtable;dis dis
rlcompleter Completer;cmd Cmd;turtle Shape;tkinter Tcl;_tkinter create;threading Timer;threading Thread;_thread start_new_thread
thread start_new;sched scheduler;atexit register;weakref finalize;weakref WeakMethod;_weakref ref;inspect signature
inspect currentframe;logging.config listen;logging.config DictConfigurator;functools reduce;functools lru_cache
functools cached_property;functools cmp_to_key;functools partialmethod;_functools reduce;operator call;operator methodcaller
operator attrgetter;_operator __call__;itertools accumulate;itertools groupby;itertools filterfalse;itertools takewhile
collections namedtuple;dataclasses make_dataclass;dataclasses _create_fn;typing ForwardRef;typing _eval_type;typing NamedTuple
contextlib ExitStack;contextvars Context.run;string Formatter;string Formatter.vformat;codecs decode;codecs lookup
heapq merge;hmac new;_sre compile;_opcode stack_effect;_xxsubinterpreters run_string;_interpreters exec;_testcapi run_in_subinterp
_testinternalcapi get_config;numpy frompyfunc;numpy apply_along_axis;numpy piecewise;numpy fromfunction
numpy seterrcall;numpy safe_eval;numpy.testing rundocs;numpy.testing run_module_suite;numpy.testing._private.utils runstring
numpy.f2py compile;numpy.f2py run_main;numpy.f2py.crackfortran myeval;numpy.ctypeslib load_library
numpy.ctypeslib as_array;numpy.lib.stride_tricks as_strided;numpy.lib._function_base_impl vectorize
numpy.compat.py3k npy_load_module;scipy LowLevelCallable;scipy._lib._ccallback LowLevelCallable
scipy._lib.decorator FunctionMaker.create;scipy.optimize minimize;scipy.integrate quad;scipy.stats._distn_infrastructure rv_generic
pandas eval;pandas.core.computation.eval eval;pandas.core.frame DataFrame.query;pandas.core.frame DataFrame.eval
pandas DataFrame.apply;pandas._testing assert_produces_warning;sklearn.utils._testing assert_run_python_script
sklearn.utils.parallel Parallel;sklearn.utils.estimator_checks check_estimator;joblib Parallel;joblib.parallel BatchedCalls
torch compile;torch.jit script;torch.jit.frontend get_jit_def;torch._dynamo optimize;torch._dynamo.eval_frame optimize
torch._inductor.codecache PyCodeCache.load;torch.package PackageImporter;torch.package.package_importer PackageImporter
torch.fx.graph_module reduce_graph_module;torch.fx.graph_module _exec_with_source;torch.fx.graph Graph
torch.fx.interpreter Interpreter;torch.fx._symbolic_trace symbolic_trace;torch.hub load_state_dict_from_url
torch.utils.cpp_extension load_inline;torch.utils.cpp_extension _import_module_from_library;torch.utils.bottleneck.__main__ main
torch.utils.benchmark Timer;torch.utils.benchmark.utils.timer Timer;torch.utils._pytree tree_map;torch.utils.checkpoint checkpoint
torch.utils.dlpack from_dlpack;torch._ops _Ops.load_library;torch._classes _Classes.load_library;torch.library Library
torch._functorch.apis vmap;torch._tensor _rebuild_from_type;torch._utils _rebuild_nested_tensor;torch.testing make_tensor
torch.cuda _lazy_call;torch._C._jit get_operation;torch.func functional_call;torch._higher_order_ops.cond cond
tensorflow py_function;tensorflow load_library;tensorflow numpy_function;tensorflow.python.framework.load_library load_op_library
tensorflow.python.ops.script_ops eager_py_func;tensorflow.python.autograph to_code;tensorflow.python.tools.saved_model_cli main
keras.layers Lambda;keras.src.layers.core.lambda_layer Lambda;keras.src.models.cloning clone_model
jax pure_callback;jax jit;jax.experimental io_callback;jax._src.callback pure_callback;jax.experimental.host_callback call
jax.numpy frompyfunc;jax.tree_util tree_map;numba jit;numba cfunc;llvmlite.binding parse_assembly;llvmlite.binding load_library_permanently
cffi FFI.dlopen;cffi.api FFI;_cffi_backend load_library;Cython inline;Cython.Build.Inline cython_inline;pyximport install
cppyy cppdef;cupy RawKernel;cupy RawModule;triton jit;rpy2.robjects r;jpype startJVM;py4j.java_gateway JavaGateway;julia Main
js2py eval_js;quickjs Context;lupa LuaRuntime;sympy sympify;sympy parse_expr;sympy lambdify;sympy.core.sympify sympify
sympy.parsing.sympy_parser parse_expr;sympy.parsing.sympy_parser eval_expr;sympy.utilities.lambdify lambdify;numexpr evaluate
asteval Interpreter;simpleeval simple_eval;patsy.eval EvalEnvironment.eval;PIL.ImageMath eval;PIL.ImageMath unsafe_eval
jinja2 Template;jinja2 Environment.from_string;jinja2.nativetypes NativeEnvironment;mako.template Template;decorator FunctionMaker.create
decorator decorate;attr._make _eval_snippets;attr make_class;IPython embed;IPython.core.interactiveshell InteractiveShell.run_cell
IPython start_ipython;ptpython.repl embed;bpython embed;ipdb set_trace;debugpy listen_;nbconvert.preprocessors ExecutePreprocessor
papermill execute_notebook;pytest main;_pytest.config main;hydra.utils call;hydra.utils get_method;hydra._internal.utils _locate
hydra._internal.instantiate._instantiate2 _call_target;jsonargparse CLI;absl.app run;lightning.pytorch.cli LightningCLI
mlflow.pyfunc load_pyfunc;mlflow.projects run;mlflow.sklearn load_model;mlflow.utils.process _exec_cmd
transformers.dynamic_module_utils get_cached_module_file;transformers.agents Agent;diffusers.utils.dynamic_modules_utils get_class_from_dynamic_module
datasets load_dataset;smolagents CodeAgent;timm.models._hub load_model_config_from_hf;spacy load;spacy.util import_file
six exec_;wrapt FunctionWrapper;toolz.functoolz compose;dask.core get;dask.utils apply;dask compute;ultralytics.nn.tasks parse_model
pkg_resources run_script;pandas.core.apply frame_apply
""",
    ("a module is imported by name", Capability.IMPORT): """
builtins __import__;importlib reload;importlib.util spec_from_file_location;importlib.machinery ExtensionFileLoader
importlib._bootstrap _gcd_import;_frozen_importlib _gcd_import;_frozen_importlib_external SourcelessFileLoader
_imp create_dynamic;imp load_source;imp load_dynamic;imp load_compiled;pkgutil find_loader;pkgutil get_loader
pkgutil walk_packages;zipimport zipimporter;zipimport zipimporter.load_module;modulefinder ModuleFinder;pydoc safeimport
pydoc importfile;pydoc resolve;pydoc render_doc;pyclbr readmodule;site main;site addpackage;sitecustomize x
encodings search_function;importlib_metadata EntryPoint.load;stevedore DriverManager;pluggy PluginManager;lazy_loader load
six.moves __import__;past.translation install_hooks;torch._utils _import_dotted_name;numpy lookfor;numpy.lib._utils_impl info
pydantic ImportString;pydantic.utils import_string;transformers.utils.import_utils direct_transformers_import
tensorflow.python.util.lazy_loader LazyLoader;django.utils.module_loading import_string;werkzeug.utils import_string
""",
    ("the network is used", Capability.NETWORK): """
socket create_connection;socket socketpair;_socket socket;ssl create_default_context;ssl wrap_socket;socketserver TCPServer
SocketServer TCPServer;urllib.request urlretrieve;urllib.request build_opener;urllib.request Request;urllib2 urlopen;urllib urlopen
urllib.robotparser RobotFileParser;http.client HTTPConnection;http.server HTTPServer;httplib HTTPConnection;xmlrpc.server SimpleXMLRPCServer
xmlrpclib ServerProxy;ftplib ftpcp;telnetlib Telnet.interact;poplib POP3;imaplib IMAP4_SSL;nntplib NNTP;smtplib SMTP_SSL
smtpd SMTPServer;asyncore dispatcher;wsgiref.simple_server make_server;logging.handlers SocketHandler;logging.handlers HTTPHandler
logging.handlers SMTPHandler;http.cookiejar MozillaCookieJar;requests get;requests post;requests.sessions Session;requests.api request
httpx get;httpx Client;httpcore request;urllib3 PoolManager;urllib3.poolmanager PoolManager;aiohttp ClientSession;websockets connect
websocket create_connection;grpc insecure_channel;pycurl Curl;zmq Context;tornado.httpclient HTTPClient;gevent.socket socket;eventlet connect
paramiko SSHClient;paramiko Transport;asyncssh connect;boto3 client;boto3 resource;botocore.session Session;s3fs S3FileSystem
gcsfs GCSFileSystem;google.cloud.storage Client;azure.storage.blob BlobServiceClient;minio Minio;smart_open open;gdown download
wget download;kagglehub model_download;wandb init;wandb restore;huggingface_hub hf_hub_download;huggingface_hub snapshot_download
transformers pipeline;transformers AutoModel.from_pretrained;transformers.utils.hub cached_file;keras.utils get_file
keras.src.utils.file_utils get_file;keras.src.applications.resnet ResNet50;torchvision.datasets MNIST;torchvision.datasets.utils download_url
torch.utils.model_zoo load_url;torch.distributed init_process_group;torch.distributed.rpc rpc_sync;torch.distributed.rpc init_rpc
torch.distributed.distributed_c10d init_process_group;tensorflow_hub load;tensorflow_datasets load;onnx.hub load
sklearn.datasets fetch_california_housing;sklearn.datasets._base load_files;sklearn.datasets fetch_20newsgroups
sklearn.datasets._openml _open_openml_url;scipy.datasets face;pooch retrieve;numpy DataSource;numpy.lib._datasource DataSource
pandas read_html;nltk download;nltk.downloader Downloader.download;gensim.downloader load;gradio Interface;gradio.networking setup_tunnel
uvicorn run;flask Flask;fastapi FastAPI;distributed Client;rpyc connect;Pyro5.api Proxy;redis Redis;pymongo MongoClient;psycopg2 connect
pymysql connect;elasticsearch Elasticsearch;kubernetes.client ApiClient;selenium.webdriver Chrome;statsmodels.datasets.utils get_rdataset
ultralytics.utils.downloads safe_download;ultralytics.hub login;skops.hub_utils download;sentence_transformers.util http_get
timm create_model;clearml Task.init;neptune init_run
""",
    ("files are read", Capability.FILE_READ): """
os listdir;os scandir;os walk;os environ;os getenv;os read;linecache getline;linecache updatecache;fileinput input;glob iglob
filecmp cmp;netrc netrc;pwd getpwall;pwd getpwnam;spwd getspall;getpass getpass;tokenize open;tokenize open_
gettext translation;tabnanny check;sndhdr what;imghdr what;pstats Stats;readline read_history_file;sysconfig parse_config_h
inspect getsource;configparser ConfigParser;configparser RawConfigParser.read;xml.etree.ElementTree parse;xml.etree.ElementTree XMLParser
xml.dom.minidom parse;xml.sax parse;xml.dom.pulldom parse;mimetypes init;hashlib file_digest;io open_code;_io open_code
builtins license;_sitebuiltins _Printer;numpy loadtxt;numpy genfromtxt;numpy fromfile;numpy fromregex;numpy.rec fromfile
numpy.lib.npyio NpzFile;numpy.lib._npyio_impl genfromtxt;scipy.io loadmat;scipy.io.wavfile read;scipy.io.matlab._mio loadmat
pandas read_table;pandas read_hdf;pandas read_json;pandas read_excel;pandas read_xml;pandas read_sql;pandas read_parquet;pandas read_feather
pandas.io.json._json read_json;pandas.io.excel._base ExcelFile;pandas.io.common get_handle;joblib._memmapping_reducer make_memmap
joblib.numpy_pickle_compat ZNDArrayWrapper;torch from_file;torch UntypedStorage.from_file;torch.storage UntypedStorage.from_file
torch._C _VariableFunctionsClass.from_file;tensorflow.io read_file;tensorflow.python.ops.io_ops read_file
tensorflow.python.ops.gen_io_ops matching_files;keras.src.layers.preprocessing.string_lookup StringLookup;onnx load
fsspec open;fsspec.core url_to_fs;polars read_csv;polars scan_parquet;lxml.etree parse;lxml.etree XMLParser;PIL.Image open;cv2 imread
imageio imread;soundfile read;librosa load;omegaconf OmegaConf.load;omegaconf.resolvers oc;dotenv load_dotenv;keyring get_password
browser_cookie3 chrome;matplotlib.style use;safetensors.torch load_file;xgboost DMatrix;xlrd open_workbook;flax.training.checkpoints restore_checkpoint
""",
    ("files are written", Capability.FILE_WRITE): """
os open;os write;os makedirs;os rename;os symlink;os chmod;os mkfifo;shutil copyfile;shutil copytree;shutil unpack_archive
shutil make_archive;tempfile NamedTemporaryFile;tempfile mkdtemp;pathlib Path.write_bytes;pathlib Path.open;pathlib Path.mkdir
pathlib PosixPath.touch;pathlib._local Path.write_text;io FileIO;_io FileIO;_pyio open;codecs open;gzip GzipFile;bz2 BZ2File
lzma open;zipfile ZipFile.extractall;tarfile TarFile.extractall;dbm open;dbm.dumb open;sqlite3 connect;sqlite3.dbapi2 connect
_sqlite3 connect;mailbox mbox;mmap mmap;wave open;uu decode;syslog syslog;tracemalloc take_snapshot;logging FileHandler
logging basicConfig;argparse FileType;numpy save;numpy savetxt;numpy memmap_;numpy savez;joblib dump;joblib.numpy_pickle dump
torch save;torch.serialization save;torch.utils.tensorboard SummaryWriter;torch.profiler profile;torch.onnx export
torch._C PyTorchFileWriter;torch.autograd.profiler profile;pandas ExcelWriter;pandas DataFrame.to_csv;pandas.core.frame DataFrame.to_pickle
pandas.core.generic NDFrame.to_csv;tensorflow.io write_file;tensorflow.io.gfile GFile;tensorflow.python.lib.io.file_io FileIO
tensorflow.python.platform.gfile GFile;h5py File;h5py._hl.files File;zarr open;pyarrow OSFile;pyarrow.fs LocalFileSystem
pyarrow.parquet write_table;sqlalchemy create_engine;duckdb connect;lmdb open;matplotlib.pyplot savefig;cv2 imwrite;PIL.Image Image.save
etils.epath Path;filelock FileLock
""",
    ("files are removed", Capability.FILE_DELETE): """
os remove;os unlink;os rmdir;os removedirs;os truncate;os ftruncate;posix unlink;nt remove;shutil rmtree;shutil move;pathlib Path.unlink
pathlib PosixPath.rmdir;joblib._memmapping_reducer unlink_file;tensorflow.io.gfile rmtree;tensorflow.io.gfile remove
""",
    ("another file is deserialised", Capability.DESERIALISE): """
pickle load;pickle Unpickler;pickle _loads;_pickle Unpickler;cPickle loads;pickletools dis;marshal load;shelve open;shelve DbfilenameShelf
plistlib load;json loads;dill load;dill._dill loads;dill._dill _load_type;dill._dill _create_code;dill.source importable
cloudpickle load;cloudpickle.cloudpickle _make_skeleton_class;cloudpickle.cloudpickle _builtin_type
joblib.externals.cloudpickle loads;joblib.externals.cloudpickle.cloudpickle _make_function;jsonpickle decode;jsonpickle.unpickler Unpickler
yaml full_load;yaml.loader UnsafeLoader;yaml.constructor UnsafeConstructor;yaml FullLoader;_yaml CParser;ruamel.yaml YAML
numpy load;numpy loads;numpy.lib.format read_array;numpy.lib.npyio_ load;numpy.matlib load;pandas read_pickle
pandas.compat.pickle_compat loads;pandas.io_ pickle;joblib Memory;joblib.memory MemorizedResult;joblib.numpy_pickle NumpyUnpickler
joblib.numpy_pickle load_temporary_memmap;sklearn.externals.joblib load;torch load;torch.serialization _legacy_load
torch.utils._config_module ConfigModule._load_config;torch._weights_only_unpickler Unpickler;torch.utils.show_pickle main
torch._C import_ir_module;torch._C _load_for_lite_interpreter;torch.export load;torch.utils.data.datapipes.utils.decoder Decoder
keras.models load_model;keras.src.saving.saving_lib load_model;keras.src.saving.serialization_lib deserialize_keras_object
keras.saving load_model;keras.utils deserialize_keras_object;keras.src.utils.python_utils func_load;keras.layers TorchModuleWrapper
tensorflow saved_model.load;tensorflow.keras.models load_model;tensorflow.python.saved_model.load load;flax.serialization msgpack_restore
jax.export deserialize;jax.experimental.serialize_executable deserialize_and_load;jax.numpy load;orbax.checkpoint PyTreeCheckpointer
numba.core.serialize _unpickle__CustomPickled;numba.core.serialize _rebuild_reduction;ray.cloudpickle loads;distributed.protocol deserialize
diskcache Cache;sqlitedict SqliteDict;klepto.archives file_archive;srsly pickle_loads;gensim.utils unpickle;nltk.data load
fastai.learner load_learner;skops.io._persist load;onnxruntime InferenceSession;tensorrt Runtime;msgpack unpackb;pyarrow deserialize
polars LazyFrame.deserialize;transformers.modeling_utils load_state_dict;pytorch_lightning.core.saving load_from_checkpoint
lightning_fabric.utilities.cloud_io _load;ultralytics.nn.tasks torch_safe_load;ultralytics.utils.patches torch_load
timm.models._helpers load_checkpoint;statsmodels.iolib.smpickle load_pickle;pydantic.deprecated.parse load_str_bytes;cupy load
accelerate.utils load;hickle load;lib2to3.pgen2.driver load_grammar;cv2.dnn readNet
""",
    ("a table of the process is changed", Capability.REGISTRY_TAMPERING): """
sys modules;sys path;sys meta_path;sys path_hooks;sys stdout;sys addaudithook;sys excepthook;copyreg pickle;copyreg dispatch_table
copyreg remove_extension;copyreg _extension_registry;copyreg _inverted_registry;copy_reg add_extension;codecs register
codecs register_error;builtins setattr;builtins delattr;os putenv;os chdir;os setuid;operator setitem;operator delitem;_operator setitem
operator ior;types ModuleType;functools update_wrapper;functools singledispatch;locale setlocale;random seed;warnings simplefilter
warnings filterwarnings;logging disable;logging setLoggerClass;cgitb enable;winreg SetValueEx;unittest.mock patch;unittest.mock _patch
contextlib redirect_stdout;decimal setcontext;abc ABCMeta;_abc _abc_register;_compat_pickle NAME_MAPPING;zoneinfo reset_tzpath
enum _make_class_unpicklable;numpy set_printoptions;numpy.random seed;torch manual_seed;torch set_default_tensor_type
torch.serialization add_safe_globals;torch.serialization register_package;torch.backends.cudnn flags
torch.nn.modules.module register_module_forward_hook;torch.utils.backend_registration rename_privateuse1_backend
pandas set_option;keras.config enable_unsafe_deserialization;omegaconf OmegaConf.register_new_resolver;dask config
""",
    ("the process is ended or exhausted", Capability.DENIAL): """
builtins exit;builtins quit;builtins raw_input;builtins SystemExit;builtins pow;sys exit;sys setrecursionlimit;os abort;os kill
os killpg;signal signal;signal setitimer;_signal raise_signal;faulthandler _read_null;faulthandler dump_traceback_later
resource setrlimit;termios tcsetattr;tty setraw;curses initscr;itertools count;itertools cycle;itertools product;itertools permutations
zlib decompressobj;select select;selectors DefaultSelector;time sleep;ast literal_eval
""",
}
# Names with one letter too many: they must be no more than unknown, or rows would match by prefix.
NEARLY = {"psutil_ Popen", "__builtin__ reduce_", "debugpy listen_", "numpy memmap_", "numpy.lib.npyio_ load",
          "pandas.io_ pickle", "unittest.mock_ patch"}  # fmt: skip
