"""Callables by which known attacks work, by where they were published. A scan of any of them must not be clean.

Sources: advisories on picklescan (GHSA ids), fickling and modelscan up to 2026, CVE-2025-1716, arXiv 2508.19774, and
the lists of the pickle scanners that miss them. Names only: nothing here is called.
"""

STREAM = """
os system;posix system;nt system;subprocess Popen;subprocess check_output;builtins eval;builtins exec;builtins compile
builtins __import__;__builtin__ eval;__builtin__ apply;__builtin__ execfile;builtins setattr;builtins map
builtins open;sys modules;copyreg add_extension;importlib import_module;marshal loads;types FunctionType;types CodeType
"""
ADVISORIES = """
numpy.testing._private.utils runstring;numpy.testing._private.utils rundocs;pip main;pip._internal main
pip._internal.cli.main main;pkgutil resolve_name;_operator methodcaller;_operator attrgetter;operator methodcaller
operator attrgetter;uuid _get_command_stdout;_osx_support _read_output;_osx_support _find_build_tool
_aix_support _read_cmd_output;_pyrepl.pager pipe_pager;imaplib IMAP4_stream;test.support.script_helper assert_python_ok
ctypes CDLL;ctypes WinDLL;ctypes.util find_library;pydoc locate;pydoc pipepager;pty spawn;cProfile run;cProfile runctx
profile run;profile Profile.run;profile Profile.runctx;profile runctx;trace Trace.run;trace Trace.runctx
code InteractiveInterpreter;code InteractiveInterpreter.runcode;doctest debug_script;ensurepip _run_pip
distutils.file_util write_file;lib2to3.pgen2.grammar Grammar.loads;lib2to3.pgen2.pgen ParserGenerator.make_label
idlelib.run Executive.runcode;idlelib.calltip Calltip.fetch_tip;idlelib.calltip get_entity
idlelib.autocomplete AutoComplete.get_entity;idlelib.autocomplete AutoComplete.fetch_completions
idlelib.debugobj ObjectTreeItem.SetText;idlelib.pyshell ModifiedInterpreter.runcode
idlelib.pyshell ModifiedInterpreter.runcommand;asyncio.unix_events _UnixSubprocessTransport._start
numpy.f2py.crackfortran getlincoef;numpy.f2py.crackfortran _eval_length;numpy.f2py.crackfortran param_eval
torch.utils.collect_env run;torch.utils.collect_env.run run;torch.utils.bottleneck.__main__ run_cprofile
torch.utils.bottleneck.__main__ run_autograd_prof;torch._dynamo.guards GuardBuilder.get
torch.fx.experimental.symbolic_shapes ShapeEnv.evaluate_guards_expression
torch.utils._config_module ConfigModule.load_config;torch.jit.unsupported_tensor_ops execWrapper
torch.utils.data.datapipes.utils.decoder basichandlers
"""
WILD = """
multiprocessing.util spawnv_passfds;mlflow.projects.backend.local _run_entry_point;pandas read_csv;pandas read_pickle
pandas.io.parsers.readers read_csv;yaml unsafe_load;yaml load;torch load;torch.hub load;torch.jit load
torch.utils.cpp_extension load;torch.serialization load;numpy load;joblib load
joblib.numpy_pickle load;dill loads;dill._dill _create_function;cloudpickle loads;cloudpickle.cloudpickle _make_function
hydra.utils instantiate;mlflow.pyfunc load_model;transformers.dynamic_module_utils get_class_from_dynamic_module
site addsitedir;logging.config dictConfig;logging.config fileConfig;sqlite3 connect;pathlib Path.write_text;codecs open
io open;itertools starmap;functools reduce;webbrowser open;http.client HTTPSConnection;urllib.request urlopen;socket socket
shutil rmtree;tempfile mktemp;runpy run_path;runpy _run_code;bdb Bdb.run;pdb run;timeit timeit;timeit Timer
commands getoutput;cffi FFI;smtplib SMTP;ftplib FTP;telnetlib Telnet;ssl SSLSocket;xmlrpc.client ServerProxy;zipfile ZipFile
scipy.stats._distn_infrastructure rv_continuous;collections namedtuple
typing get_type_hints;dataclasses make_dataclass;linecache getlines;glob glob;fileinput FileInput;mmap mmap
keras.src.layers.core.lambda_layer Lambda;tensorflow.python.ops.io_ops read_file;skops.io load;shelve open
atexit register;weakref finalize;signal alarm;signal raise_signal;gc get_objects;inspect getattr_static;faulthandler _sigsegv
concurrent.futures.thread ThreadPoolExecutor;threading Thread;asyncio run;code interact;codeop compile_command
ast literal_eval;zlib decompress;time sleep;argparse FileType;builtins breakpoint;builtins input;os _exit
joblib.numpy_pickle_compat NDArrayWrapper;joblib.parallel Parallel;joblib.memory MemorizedFunc
sklearn.datasets._openml fetch_openml;sklearn.callback._scoring_monitor ScoringMonitor;sklearn.utils._testing _import
"""
REACHED = """
torch os.system;torch.serialization os.system;joblib.numpy_pickle os.system;sklearn.utils.fixes platform.popen
torch.nn.modules.module os.popen;numpy sys.modules;numpy.ma.core builtins.eval;sklearn.base clone.__globals__
sklearn.linear_model._base LinearRegression.__init__.__globals__;datetime sys.modules;collections _sys.modules
datetime datetime.__class__.__base__.__subclasses__;torch.hub urlopen;mypackage importlib.import_module
sklearn.linear_model._base LinearRegression.fit;numpy dtype.__subclasses__;mypackage Outer.Inner;pathlib os.system
"""


# Named in ordinary files, and a gadget only when it is called with something else than these call it with.
CALLED = """
scipy.stats._continuous_distns norm_gen;builtins getattr;builtins iter;numpy vectorize;builtins max;torch.storage _load_from_bytes;_codecs encode;builtins type;functools partial
"""


def _parse(text: str) -> list[tuple[str, str]]:
    return [tuple(entry.split()) for line in text.split("\n") for entry in line.split(";") if entry.strip()]


GADGETS = [gadget for group in (STREAM, ADVISORIES, WILD, REACHED) for gadget in _parse(group)]
WHEN_CALLED = _parse(CALLED)
DANGEROUS = [gadget for group in (STREAM, ADVISORIES) for gadget in _parse(group)]
