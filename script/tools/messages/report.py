"""What was found, fact by fact, and the count of it."""

import sys
import threading
import traceback


class Report:
    def __init__(self):
        self.passed = 0
        self.failed = 0
        self.failures = []
        self.lock = threading.Lock()

    def fact(self, sentence, is_so, seen=""):
        """One fact, so or not."""
        with self.lock:
            if is_so:
                self.passed += 1
            else:
                self.failed += 1
                self.failures.append(f"{sentence}\n" + "".join(f"    {line[:200]}\n" for line in str(seen).splitlines()[-4:]))
                print(f"failed: {sentence}" + (f"\n        {seen}" if seen != "" else ""), file=sys.stderr, flush=True)
        return bool(is_so)

    def same(self, sentence, found, expected):
        return self.fact(sentence, found == expected, f"{found!r} and not {expected!r}")

    def part(self, name, work):
        """A part, of which everything that goes wrong is one more failure."""
        try:
            work()
        except Exception:
            self.fact(f"{name} came to its end", False, traceback.format_exc())

    def write(self, path, failures):
        """Writes how many facts there were, and adds those that are not so to what has failed elsewhere."""
        if path:
            with open(path, "w") as file:
                print(self.passed, self.failed, file=file)
        if failures:
            with open(failures, "a") as file:
                file.writelines(self.failures)
        print(f"{self.passed} facts hold, {self.failed} do not", file=sys.stderr)
        return self.failed == 0 and self.passed > 0
