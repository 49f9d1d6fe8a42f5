"""Assembly of the library's accesses: made by the compiler, taken apart into functions, and measured."""

import os
import re
import subprocess
import sys
import tempfile

TARGETS = ("x86_64-unknown-linux-gnu", "aarch64-apple-darwin")

# What says nothing of the code: where it came from, and how it is laid out.
NOISE = re.compile(r"\s*(\.|#|;|//|$)|\.?L(?:loh|func_begin|func_end|exception)\d+:")
ALIAS = re.compile(r"([\w.$]+) = ([\w.$]+)$")
LABEL = re.compile(r"\.?L(?:BB\d+_\d+|tmp\d+)")
BRANCH = re.compile(r"(?:j\w+|b|b\.\w+|cbn?z|tbn?z)\b.*?(\.L\d+)( ; asm)?$")
ASM = " ; asm"
START, END = re.compile(r"\s*(#APP|//APP|; InlineAsm Start)"), re.compile(r"\s*(#NO_APP|//NO_APP|; InlineAsm End)")
WRITE_BACK = re.compile(r"\](!|, )")
# On the stack there is nothing that is mapped.
MEMORY = re.compile(r"\[(?!sp\b|x29\b)")
WIDTHS = {"byte": 1, "word": 2, "dword": 4, "qword": 8, "xmmword": 16, "ymmword": 32}
REGISTERS = {"w": 4, "x": 8, "q": 16}


def compiler():
    return subprocess.run(["rustc", "--version"], check=True, capture_output=True, text=True).stdout.strip()


def compile(directory, target, *what):
    """The assembly of a crate, optimised, for a target."""
    with tempfile.TemporaryDirectory() as temporary:
        path = os.path.join(temporary, "assembly.s")
        command = ["cargo", "rustc", "--quiet", "--release", "--target", target, *what]
        command += ["--config", "profile.release.codegen-units=1", "--config", "profile.release.debug=false"]
        command += ["--", f"--emit=asm={path}", "-Cllvm-args=-x86-asm-syntax=intel"]
        if subprocess.run(command, cwd=directory).returncode != 0:
            sys.exit(f"{directory} does not compile for {target}")
        with open(path) as file:
            return file.read()


def symbol(name, apple):
    """A name without what differs between builds: hashes of crates and of functions."""
    name = name.removeprefix("_") if apple else name
    return re.sub(r"Cs[0-9a-zA-Z]+_", "C", re.sub(r"17h[0-9a-f]{16}E", "E", name))


def functions(text):
    """Name to lines, each an instruction or a label; aliases have the lines of what they name.

    Labels are numbered, and what an `asm!` made is marked.
    """
    apple = ".subsections_via_symbols" in text
    found, aliases, lines, mark = {}, {}, None, ""
    for line in text.splitlines():
        if START.match(line) or END.match(line):
            mark = ASM if START.match(line) else ""
        elif alias := ALIAS.match(line):
            aliases[symbol(alias[1], apple)] = symbol(alias[2], apple)
        elif re.match(r"\s*\.section\b", line) and "text" not in line.lower():
            lines = None
        elif LABEL.fullmatch(line.rstrip(":")):
            if lines is not None:
                lines.append(line)
        elif NOISE.match(line):
            continue
        elif name := re.match(r"([\w.$]+):", line):
            lines = found.setdefault(symbol(name[1], apple), [])
        elif lines is not None:
            line = re.sub(r"[\w.$]*_(?:Z|R)N\w+", lambda name: symbol(name[0], apple), line)
            lines.append(re.sub(r"\s+", " ", line.split(" ; ")[0].strip()) + mark)
    found = {name: renumbered(lines) for name, lines in found.items()}
    return found | {name: found[target] for name, target in aliases.items() if target in found}


def renumbered(lines):
    numbers = {}

    def number(label):
        return f".L{numbers.setdefault(label[0], len(numbers))}"

    return [re.sub(r"l_anon\S*|\.Lanon[^\s\]]*", "data", LABEL.sub(number, line)) for line in lines]


def is_instruction(line):
    return not line.endswith(":")


def count(lines):
    if not any(map(is_instruction, lines)):
        raise ValueError("a function without instructions was misread")
    return sum(map(is_instruction, lines))


def called(lines, all_functions):
    """The functions of the same crate that these lines call or jump to."""
    names = [re.match(r"(?:call|jmp|bl|b) ([\w.$]+)$", line) for line in lines]
    return [name[1] for name in names if name and name[1] in all_functions]


def loops(lines):
    """The instructions of each innermost loop: from a label to the branch back to it."""
    places = {line[:-1]: place for place, line in enumerate(lines) if not is_instruction(line)}
    spans = []
    for end, line in enumerate(lines):
        branch = BRANCH.match(line)
        if branch and places[branch[1]] < end:
            spans.append((places[branch[1]], end))
    inner = [span for span in spans if not any(span != other and contains(span, other) for other in spans)]
    return [[line for line in lines[start : end + 1] if is_instruction(line)] for start, end in inner]


def contains(span, other):
    return span[0] <= other[0] and other[1] <= span[1]


def stored(line):
    """The bytes that an instruction stores."""
    if x86 := re.match(r"mov\w* (\w+) ptr \[", line):
        return WIDTHS[x86[1]]
    if arm := re.match(r"(st[pr]u?)([bh]?) ([wxq])", line):
        return {"b": 1, "h": 2}.get(arm[2], REGISTERS[arm[3]]) * (2 if arm[1] == "stp" else 1)
    return 0


def is_asm(line):
    return line.endswith(ASM)


def per_byte(lines):
    """Instructions for each byte that is stored, in the loop that stores most at once."""
    rounds = [(sum(map(stored, loop)), len(loop)) for loop in loops(lines)]
    stores, length = max(rounds, default=(0, 0))
    if stores == 0:
        raise ValueError("there is no loop that stores")
    return length / stores
