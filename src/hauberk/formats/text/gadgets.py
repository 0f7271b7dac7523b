"""Classes of Java and .NET that run something once a reader of XML, JSON or YAML makes one, because a file names it.

Readers of those languages make whatever class a text names: XMLDecoder and XStream from elements, Jackson and fastjson
from `@class` and `@type`, Spring from its beans, Json.NET from `$type`. No model is made of these classes.
Sources: ysoserial, marshalsec, ysoserial.net; the classes that jackson-databind and XStream refuse.
"""

from __future__ import annotations

import re
from typing import Final

_CLASSES: Final = (
    r"java\.lang\.(?:ProcessBuilder|Runtime|ProcessImpl|UNIXProcess|ClassLoader)",
    r"java\.beans\.(?:EventHandler|XMLDecoder)",
    r"java\.net\.URLClassLoader",
    r"java\.rmi\.(?:[a-z]+\.)?[A-Z]\w*",
    r"javax\.script\.ScriptEngineManager",
    r"javax\.naming\.(?:\w+\.)*InitialContext",
    r"javax\.swing\.JEditorPane",
    r"com\.sun\.rowset\.JdbcRowSetImpl",
    r"com\.sun\.jndi\.[\w.]+",
    r"(?:com\.sun\.)?org\.apache\.xalan\.(?:internal\.)?xsltc\.trax\.\w+",
    r"(?:com\.sun\.)?org\.apache\.bcel\.(?:internal\.)?util\.ClassLoader",
    r"org\.apache\.commons\.(?:collections4?|beanutils|configuration2?|jxpath)\.[\w.]+",
    r"org\.apache\.(?:ibatis\.datasource\.jndi|tomcat\.dbcp|commons\.dbcp2?|xbean\.propertyeditor|shiro\.jndi)\.[\w.]+",
    r"org\.springframework\.(?:context\.support|beans\.factory|jndi|expression)\.[\w.]+",
    r"com\.mchange\.v2\.c3p0\.[\w.]+",
    r"com\.zaxxer\.hikari\.Hikari(?:Config|DataSource)",
    r"ch\.qos\.logback\.core\.(?:db|jmx)\.[\w.]+",
    r"groovy\.(?:lang|util)\.(?:GroovyShell|GroovyClassLoader|Expando|Eval)",
    r"org\.codehaus\.groovy\.runtime\.(?:MethodClosure|ConvertedClosure)",
    r"(?:jdk\.nashorn|sun\.reflect|org\.mozilla\.javascript|bsh\.Interpreter)[\w.]*",
    r"System\.Windows\.Data\.ObjectDataProvider",
    r"System\.Diagnostics\.Process(?:StartInfo)?",
    r"System\.Configuration\.Install\.AssemblyInstaller",
    r"System\.(?:Activities\.Presentation|Management\.Automation|Workflow\.ComponentModel)\.[\w.]+",
)
_ALL: Final = "|".join(_CLASSES)
# A name alone, as JSON has it: `Lcom.x.Y;` is one of Java's own forms, and .NET puts the assembly behind it.
NAME: Final = re.compile(rf"L?({_ALL})(?:\$\w+)?(?:;|\s*,.*)?", re.ASCII | re.DOTALL)
# The front of each, which tells a text in which one may stand.
WORDS: Final = (
    rb"java\.lang\.(?:ProcessB|ProcessI|Runtime|UNIXP|ClassL)|java\.beans\.|java\.net\.URLC|java\.rmi\.|javax\.script\.|"
    rb"javax\.naming\.|javax\.swing\.JE|com\.sun\.|org\.apache\.(?:xalan|bcel|commons|ibatis|tomcat|xbean|shiro)\.|"
    rb"org\.springframework\.|com\.mchange\.|com\.zaxxer\.|ch\.qos\.|groovy\.|jdk\.nashorn|sun\.reflect|"
    rb"org\.mozilla\.java|bsh\.Int|System\.(?:Windows\.D|Diagnostics\.P|Configuration\.I|Activities|Management\.A|Workflow)"
)
# Where XML names a class: in an attribute, as an element, or in an expression of Spring.
IN_XML: Final = re.compile(
    rf"(?:\b(?:class|type|interface|resolves-to|factory-bean)\s*=\s*[\"']\s*|<|\bT\(\s*)({_ALL})(?=[\s\"'>/)])".encode()
)
