"""Runs the tests in chat/: the example `chat`, driven by Python's `websockets`, which nobody here wrote.

usage: chat_test.py CHAT_BINARY [OPTION OF UNITTEST]..
"""

import os
import sys
import unittest
from pathlib import Path

os.environ["CHAT_BIN"] = os.path.abspath(sys.argv[1])
folder = str(Path(__file__).parent / "chat")
discover = ["discover", "--start-directory", folder, "--pattern", "*_test.py", *sys.argv[2:]]
result = unittest.main(module=None, argv=[sys.argv[0], *discover], exit=False).result
# unittest takes no test at all for a success, before Python 3.12.
sys.exit(0 if result.testsRun and result.wasSuccessful() else 1)
