"""Labelled steps at which a test may stop the process, to prove that nothing is lost there."""

import os
import signal
from collections import Counter

_label, _, _nth = os.environ.get("FAULT_AT", "").partition(":")
_signal = signal.Signals[os.environ.get("FAULT_SIGNAL", "SIGKILL")]
_reached: Counter[str] = Counter()


def reach(label: str) -> None:
    """Say that this step is reached: nothing happens, unless FAULT_AT names it.

    With `FAULT_AT=claim.after_commit` the process dies there as by kill -9; with `…:3` the third
    time. `FAULT_SIGNAL` names another signal, such as SIGSTOP.
    """
    if label == _label:
        _reached[label] += 1
        if _reached[label] == int(_nth or 1):
            os.kill(os.getpid(), _signal)
