# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Go's text/template as NSM applies it to selector values: a string in, a string out, the labels as dot.

Three steps: L(tokens) makes tokens, C(_Parser) a tree, C(_Run) the text. What Go refuses, when it parses or when it
executes, is a C(TemplateError): NSM then takes the value literally. What Go does and this does not is
C(UnsupportedTemplate): nobody may take that for a refusal of Go's.
"""

from __future__ import annotations

import re
import typing as t
from functools import lru_cache
from urllib.parse import quote_plus

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError
from ansible_collections.pantheon.cnf.plugins.module_utils.mesh.gofmt import Byte, Unsupported, sprint, sprintf, utf8

SPACE = " \t\r\n"
KEYWORDS = frozenset({"block", "break", "continue", "define", "else", "end", "if", "nil", "range", "template", "with"})
LITERALS = frozenset({"bool", "number", "charconst", "string", "nil"})
NUMBER = re.compile(
    r"[+-]?(?:0[xX][0-9a-fA-F_]*(?:\.[0-9a-fA-F_]*)?(?:[pP][+-]?[0-9_]*)?|0[oO][0-7_]*(?:\.[0-7_]*)?|0[bB][01_]*(?:\.[01_]*)?"
    r"|[0-9_]*(?:\.[0-9_]*)?(?:[eE][+-]?[0-9_]*)?)i?"
)
INTEGER = re.compile(r"[+-]?(?:0[xX](?:_?[0-9a-fA-F])+|0[bB](?:_?[01])+|0[oO](?:_?[0-7])+|0(?:_?[0-7])*|[1-9](?:_?[0-9])*)")
QUOTED = {
    '"': re.compile(r'"(?:[^"\\\n]|\\[^\n])*"'),
    "'": re.compile(r"'(?:[^'\\\n]|\\[^\n])*'"),
    "`": re.compile(r"`[^`]*`"),
}
ESCAPE = re.compile(r"\\(?:([abfnrtv\\\"'])|x([0-9a-fA-F]{2})|([0-7]{3})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.|$))", re.S)
SIMPLE = dict(zip("abfnrtv\\\"'", "\a\b\f\n\r\t\v\\\"'"))
MAX_STEPS = 100_000  # nodes walked: a label's template that needs more is a mistake or an attack


class TemplateError(CnfError):
    """Go refuses this template, so the text stays as it is."""


class UnsupportedTemplate(CnfError):
    """Go executes this template, and we cannot say to what."""


class Token(t.NamedTuple):
    kind: str
    text: str


class Node(t.NamedTuple):
    """C(kind) says what C(parts) are: see the parser's C(return Node(...))."""

    kind: str
    parts: t.Tuple[t.Any, ...]


def render(text: str, labels: t.Mapping[str, str]) -> str:
    """C(text) executed with C(labels) as dot; the text unchanged when Go cannot parse or execute it."""
    if "{{" not in text:
        return text
    try:
        return _Run(labels).text(_parse(text))
    except TemplateError:
        return text
    except (Unsupported, RecursionError) as error:
        raise UnsupportedTemplate(f"the template {text!r} uses what this collection cannot evaluate: {error or 'too deep'}") from error


def is_template(text: str) -> bool:
    """Whether NSM may read C(text) as anything else than itself."""
    return "{{" in text


def refusal(text: str) -> str:
    """Why Go does not take C(text) for a template, or nothing: then it does, or nothing in it looks like one."""
    if not is_template(text):
        return ""
    try:
        _parse(text)
    except TemplateError as error:
        return error.message
    except (Unsupported, RecursionError):
        pass  # Go may well take it
    return ""


@lru_cache(maxsize=1024)
def _parse(text: str) -> t.Tuple[Node, ...]:
    return _Parser(tokens(text)).template()


# --- tokens ---------------------------------------------------------------------------------------------------------


def tokens(text: str) -> t.List[Token]:
    """The whole text as tokens, trimming done, comments gone."""
    result: t.List[Token] = []
    at = 0
    while True:
        start = text.find("{{", at)
        if start < 0:
            return result + ([Token("text", text[at:])] if at < len(text) else []) + [Token("eof", "")]
        inside = start + 2
        trim = text[inside : inside + 1] == "-" and text[inside + 1 : inside + 2] in tuple(SPACE)
        plain = text[at:start].rstrip(SPACE) if trim else text[at:start]
        if plain:
            result.append(Token("text", plain))
        inside += 2 if trim else 0
        if text.startswith("/*", inside):
            at = _after_comment(text, inside)
        else:
            at = _action(text, inside, result)


def _right(text: str, at: int) -> t.Optional[int]:
    """Where the text goes on when a closing delimiter stands at C(at)."""
    if text[at : at + 1] in tuple(SPACE) and text.startswith("-}}", at + 1):
        at += 4
        while text[at : at + 1] in tuple(SPACE):
            at += 1
        return at
    return at + 2 if text.startswith("}}", at) else None


def _after_comment(text: str, at: int) -> int:
    end = text.find("*/", at + 2)
    after = None if end < 0 else _right(text, end + 2)
    if after is None:
        raise TemplateError("unclosed comment")
    return after


def _word_end(text: str, at: int) -> int:
    while at < len(text) and _alphanumeric(text[at]):
        at += 1
    return at


def _alphanumeric(char: str) -> bool:
    return char == "_" or char.isalpha() or char.isdecimal()


def _word(text: str, start: int, at: int) -> str:
    end = _word_end(text, at)
    if end < len(text) and text[end] not in SPACE + ".,|:)(" and not text.startswith("}}", end):
        raise TemplateError(f"bad character {text[end]!r}")
    return text[start:end]


def _action(text: str, at: int, result: t.List[Token]) -> int:
    """Tokens from inside one pair of delimiters; returns where the text after it begins."""
    result.append(Token("{{", "{{"))
    depth = 0
    while True:
        after = _right(text, at)
        if after is not None:
            if depth:
                raise TemplateError("unclosed left paren")
            result.append(Token("}}", "}}"))
            return after
        if at >= len(text):
            raise TemplateError("unclosed action")
        token = _token(text, at)
        depth += {"(": 1, ")": -1}.get(token.kind, 0)
        if depth < 0:
            raise TemplateError("unexpected right paren")
        result.append(token)
        at += len(token.text)


def _token(text: str, at: int) -> Token:
    char = text[at]
    if char in SPACE:
        end = at
        while text[end : end + 1] in tuple(SPACE) and (end == at or _right(text, end) is None):
            end += 1
        return Token("space", text[at:end])
    if char in "=|()":
        return Token(char, char)
    if char == ":":
        if text.startswith(":=", at):
            return Token(":=", ":=")
        raise TemplateError("expected :=")
    if char in QUOTED:
        match = QUOTED[char].match(text, at)
        if not match:
            raise TemplateError("unterminated string")
        return Token("charconst" if char == "'" else "string", match.group())
    if char == "$":
        return Token("variable", _word(text, at, at + 1))
    if char == "." and at + 1 < len(text) and text[at + 1] not in "0123456789":
        word = _word(text, at, at + 1)
        return Token("field" if len(word) > 1 else ".", word)
    if char in ".+-0123456789":
        return Token("number", _number(text, at))
    if _alphanumeric(char):
        word = _word(text, at, at)
        return Token(word if word in KEYWORDS else "bool" if word in ("true", "false") else "identifier", word)
    if " " < char <= "~":
        return Token("char", char)
    raise TemplateError(f"unrecognized character {char!r}")


def _number(text: str, at: int) -> str:
    match = NUMBER.match(text, at)
    end = match.end() if match else at
    if text[end : end + 1] in ("+", "-"):
        second = NUMBER.match(text, end)
        end = second.end() if second else end
        if text[end - 1] != "i":
            raise TemplateError("bad number syntax")
    if end < len(text) and _alphanumeric(text[end]):
        raise TemplateError("bad number syntax")
    return text[at:end]


def unquote(text: str) -> str:
    """The string that a Go string or character literal stands for."""
    quote, body = text[0], text[1:-1]
    if quote == "`":
        return body.replace("\r", "")

    def one(match: t.Match[str]) -> bytes:
        simple, hexadecimal, octal, short, long, wrong = match.groups()
        if wrong is not None or simple in ('"', "'") and simple != quote:
            raise TemplateError(f"invalid escape in {text}")
        if simple:
            return SIMPLE[simple].encode()
        code = int(hexadecimal or short or long or octal, 8 if octal else 16)
        if hexadecimal or octal:
            if code > 255:
                raise TemplateError(f"invalid escape in {text}")
            return bytes([code])
        if code > 0x10FFFF or 0xD800 <= code < 0xE000:
            raise TemplateError(f"invalid escape in {text}")
        return chr(code).encode()

    parts, last = [], 0
    for match in ESCAPE.finditer(body):
        parts += [utf8(body[last : match.start()]), one(match)]
        last = match.end()
    return b"".join([*parts, utf8(body[last:])]).decode("utf-8", "surrogateescape")


def constant(token: Token) -> t.Union[int, float]:
    """The value of a number or a character constant."""
    text = token.text
    if token.kind == "charconst":
        char = unquote(text)
        if len(char) != 1:
            raise TemplateError(f"malformed character constant {text}")
        return ord(char) - 0xDC00 if 0xDC80 <= ord(char) <= 0xDCFF else ord(char)
    if text.endswith("i") and not text.lower().startswith(("0x", "+0x", "-0x")):
        raise Unsupported("imaginary numbers")
    if INTEGER.fullmatch(text):
        digits = text.lstrip("+-").replace("_", "").lower()
        octal = len(digits) > 1 and digits[0] == "0" and digits.isdigit()
        value = int(digits, 8 if octal else 0)
        value = -value if text[0] == "-" else value
        if not -(2**63) <= value < 2**63:
            raise TemplateError(f"{text} overflows int")
        return value
    try:
        hexadecimal = "x" in text.lower()
        if hexadecimal and "p" not in text.lower():
            raise ValueError
        number = float.fromhex(text.replace("_", "")) if hexadecimal else float(text)
    except (ValueError, OverflowError):
        raise TemplateError(f"illegal number syntax: {text}") from None
    if abs(number) == float("inf") or not re.search(r"[.eEpP]", text):
        raise TemplateError(f"illegal number syntax: {text}")
    return number


# --- tree -----------------------------------------------------------------------------------------------------------


class _Parser:
    """Go's own grammar, function by function; the first mistake ends it."""

    def __init__(self, found: t.List[Token]) -> None:
        self.tokens = found
        self.at = 0
        self.variables = ["$"]
        self.ranges = 0
        self.depth = 0

    def peek(self, spaces: bool = False) -> Token:
        while not spaces and self.tokens[self.at].kind == "space":
            self.at += 1
        return self.tokens[self.at]

    def next(self, spaces: bool = False) -> Token:
        token = self.peek(spaces)
        self.at += token.kind != "eof"
        return token

    def expect(self, kind: str) -> None:
        token = self.next()
        if token.kind != kind:
            raise TemplateError(f"unexpected {token.text!r}")

    def template(self) -> t.Tuple[Node, ...]:
        nodes, end = self.list()
        if end.kind != "eof":
            raise TemplateError(f"unexpected {{{{{end.kind}}}}}")
        return nodes

    def list(self) -> t.Tuple[t.Tuple[Node, ...], Token]:
        """Nodes up to C({{end}}), C({{else}}) or the end of the text, and which of them it was."""
        nodes: t.List[Node] = []
        while True:
            token = self.next()
            if token.kind == "text":
                nodes.append(Node("text", (token.text,)))
            elif token.kind == "{{":
                node = self.action()
                if isinstance(node, Token):
                    return tuple(nodes), node
                nodes.append(node)
            else:
                return tuple(nodes), token

    def action(self) -> t.Union[Node, Token]:
        token = self.peek()
        if token.kind in ("define", "block"):
            raise Unsupported(f"{{{{{token.kind}}}}}")
        if token.kind in ("if", "with", "range"):
            self.next()
            return self.control(token.kind)
        if token.kind in ("break", "continue"):
            self.next()
            self.expect("}}")
            if not self.ranges:
                raise TemplateError(f"{{{{{token.kind}}}}} outside {{{{range}}}}")
            return Node(token.kind, ())
        if token.kind == "else":
            self.next()
            if self.peek().kind not in ("if", "with"):
                self.expect("}}")
            return token
        if token.kind == "end":
            self.next()
            self.expect("}}")
            return token
        if token.kind == "template":
            self.next()
            name = self.next()
            if name.kind != "string":
                raise TemplateError("unexpected template name")
            if self.peek().kind == "}}":
                self.next()
            else:
                self.pipeline("template clause", "}}")
            return Node("template", (unquote(name.text),))
        return Node("action", (self.pipeline("command", "}}"),))

    def control(self, kind: str) -> Node:
        outer = len(self.variables)
        pipe = self.pipeline(kind, "}}")
        self.ranges += kind == "range"
        body, end = self.list()
        self.ranges -= kind == "range"
        other: t.Tuple[Node, ...] = ()
        if end.kind == "else" and kind != "range" and self.peek().kind == kind:
            self.next()
            other = (self.control(kind),)
        elif end.kind == "else":
            other, end = self.list()
            if end.kind != "end":
                raise TemplateError("expected end")
        elif end.kind != "end":
            raise TemplateError("unexpected EOF")
        del self.variables[outer:]
        return Node(kind, (pipe, body, other))

    def pipeline(self, context: str, end: str) -> Node:
        declared: t.List[str] = []
        assign = False
        while self.peek().kind == "variable":
            back = self.at
            name = self.next().text
            after = self.peek()
            if after.kind in ("=", ":="):
                self.next()
                assign = after.kind == "="
                declared.append(name)
                self.variables.append(name)
                break
            if after == Token("char", ","):
                self.next()
                declared.append(name)
                self.variables.append(name)
                if context != "range" or len(declared) > 1 or self.peek().kind not in ("variable", "}}", ")"):
                    raise TemplateError(f"too many declarations in {context}")
                continue
            self.at = back
            break
        commands: t.List[t.Tuple[Node, ...]] = []
        while self.peek().kind != end:
            commands.append(self.command())
        self.next()
        if not commands:
            raise TemplateError(f"missing value for {context}")
        if any(command[0].kind in LITERALS or command[0].kind == "." for command in commands[1:]):
            raise TemplateError("non executable command in pipeline")
        return Node("pipe", (tuple(declared), assign, tuple(commands)))

    def command(self) -> t.Tuple[Node, ...]:
        arguments: t.List[Node] = []
        while True:
            self.peek()
            operand = self.operand()
            if operand:
                arguments.append(operand)
            token = self.peek(spaces=True)
            if token.kind == "space":
                continue
            if token.kind == "|":
                self.next()
            elif token.kind not in ("}}", ")"):
                raise TemplateError(f"unexpected {token.text!r} in operand")
            break
        if not arguments:
            raise TemplateError("empty command")
        return tuple(arguments)

    def operand(self) -> t.Optional[Node]:
        node = self.term()
        if node is None:
            return None
        fields = []
        while self.peek(spaces=True).kind == "field":
            fields.append(self.next().text[1:])
        if not fields:
            return node
        if node.kind in LITERALS or node.kind == ".":
            raise TemplateError("unexpected . after term")
        if node.kind in ("field", "variable"):
            return Node(node.kind, node.parts + tuple(fields))
        return Node("chain", (node, *fields))

    def term(self) -> t.Optional[Node]:
        token = self.peek()
        if token.kind == "identifier":
            if token.text not in FUNCTIONS:
                raise TemplateError(f"function {token.text!r} not defined")
            node = Node("function", (token.text,))
        elif token.kind in (".", "nil"):
            node = Node(token.kind, ())
        elif token.kind == "variable":
            if token.text not in self.variables:
                raise TemplateError(f"undefined variable {token.text!r}")
            node = Node("variable", (token.text,))
        elif token.kind == "field":
            node = Node("field", (token.text[1:],))
        elif token.kind == "bool":
            node = Node("bool", (token.text == "true",))
        elif token.kind in ("number", "charconst"):
            node = Node("number", (constant(token),))
        elif token.kind == "string":
            node = Node("string", (unquote(token.text),))
        elif token.kind == "(":
            self.next()
            return self.pipeline("parenthesized pipeline", ")")
        else:
            return None
        self.next()
        return node


# --- execution ------------------------------------------------------------------------------------------------------

MISSING = object()


class _Break(Exception):
    pass


class _Continue(Exception):
    pass


class _Run:
    """Values are str, bool, int, float, a mapping (dot) and None (nothing there, or nil)."""

    def __init__(self, labels: t.Mapping[str, str]) -> None:
        self.labels = dict(labels)
        self.variables: t.List[t.List[t.Any]] = [["$", self.labels]]
        self.out: t.List[str] = []
        self.steps = 0

    def text(self, nodes: t.Iterable[Node]) -> str:
        self.walk(nodes, self.labels)
        return "".join(self.out)

    def walk(self, nodes: t.Iterable[Node], dot: t.Any) -> None:
        for node in nodes:
            self.steps += 1
            if self.steps > MAX_STEPS:
                raise Unsupported(f"more than {MAX_STEPS} steps")
            getattr(self, "walk_" + node.kind)(dot, *node.parts)

    def walk_text(self, dot: t.Any, text: str) -> None:
        self.out.append(text)

    def walk_action(self, dot: t.Any, pipe: Node) -> None:
        value = self.pipeline(dot, pipe)
        if not pipe.parts[0]:
            self.out.append("<no value>" if value is None else sprint([value]))

    def walk_template(self, dot: t.Any, name: str) -> None:
        if name == "tmpl":
            raise Unsupported("a template that calls itself")
        raise TemplateError(f"template {name!r} not defined")

    def walk_break(self, dot: t.Any) -> None:
        raise _Break

    def walk_continue(self, dot: t.Any) -> None:
        raise _Continue

    def walk_if(self, dot: t.Any, pipe: Node, body: t.Any, other: t.Any, rebind: bool = False) -> None:
        mark = len(self.variables)
        value = self.pipeline(dot, pipe)
        if value:
            self.walk(body, value if rebind else dot)
        else:
            self.walk(other, dot)
        del self.variables[mark:]

    def walk_with(self, dot: t.Any, pipe: Node, body: t.Any, other: t.Any) -> None:
        self.walk_if(dot, pipe, body, other, rebind=True)

    def walk_range(self, dot: t.Any, pipe: Node, body: t.Any, other: t.Any) -> None:
        outer = len(self.variables)
        value = self.pipeline(dot, pipe)
        declared, assign, _commands = pipe.parts
        pairs: t.Iterable[t.Tuple[t.Any, t.Any]]
        if isinstance(value, t.Mapping):
            pairs = sorted(value.items(), key=lambda pair: utf8(pair[0]))
        elif value is None:
            pairs = ()
        elif isinstance(value, int) and not isinstance(value, bool):
            if len(declared) > 1:
                raise TemplateError("can't iterate over more than one variable")
            pairs = ((None, number) for number in range(value))
        else:
            raise TemplateError("range can't iterate over that")
        mark = len(self.variables)
        ran = False
        try:
            for key, element in pairs:
                ran = True
                bound = (key, element) if len(declared) > 1 else (element,)
                for offset, (name, one) in enumerate(zip(declared, bound)):
                    if assign:
                        self.variable(name)[1] = one
                    else:
                        self.variables[mark - len(declared) + offset][1] = one
                try:
                    self.walk(body, element)
                except _Continue:
                    pass
                del self.variables[mark:]
        except _Break:
            pass
        if not ran:
            self.walk(other, dot)
        del self.variables[outer:]

    def variable(self, name: str) -> t.List[t.Any]:
        for variable in reversed(self.variables):
            if variable[0] == name:
                return variable
        raise TemplateError(f"undefined variable: {name}")

    def pipeline(self, dot: t.Any, pipe: Node) -> t.Any:
        declared, assign, commands = pipe.parts
        value: t.Any = MISSING
        for command in commands:
            value = self.command(dot, command, value)
        for name in declared:
            if assign:
                self.variable(name)[1] = value
            else:
                self.variables.append([name, value])
        return value

    def command(self, dot: t.Any, command: t.Tuple[Node, ...], final: t.Any) -> t.Any:
        first, extra = command[0], len(command) > 1 or final is not MISSING
        if first.kind == "function":
            return self.call(dot, first.parts[0], command[1:], final)
        if first.kind == "nil":
            raise TemplateError("nil is not a command")
        return self.operand(dot, first, extra)

    def operand(self, dot: t.Any, node: Node, extra: bool = False) -> t.Any:
        """The value of a node; C(extra): it was given arguments, which only a function can take."""
        fields: t.Tuple[str, ...] = ()
        if node.kind == "field":
            value, fields = dot, node.parts
        elif node.kind == "variable":
            value, fields = self.variable(node.parts[0])[1], node.parts[1:]
        elif node.kind == "chain":
            if node.parts[0].kind == "nil":
                raise TemplateError("indirection through explicit nil")
            value, fields = self.operand(dot, node.parts[0]), node.parts[1:]
        elif node.kind == "function":
            value = self.call(dot, node.parts[0], (), MISSING)
        elif extra:
            raise TemplateError("can't give argument to non-function")
        elif node.kind == "pipe":
            value = self.pipeline(dot, node)
        else:
            value = dot if node.kind == "." else None if node.kind == "nil" else node.parts[0]
        if extra and not fields:
            raise TemplateError("can't give argument to non-function")
        for position, name in enumerate(fields, 1):
            if value is None:
                continue
            if not isinstance(value, t.Mapping) or extra and position == len(fields):
                raise TemplateError(f"can't evaluate field {name}")
            value = value.get(name)
        return value

    def call(self, dot: t.Any, name: str, nodes: t.Sequence[Node], final: t.Any) -> t.Any:
        least, most, function = FUNCTIONS[name]
        count = len(nodes) + (final is not MISSING)
        if count < least or most is not None and count > most:
            raise TemplateError(f"wrong number of args for {name}")
        if name in ("and", "or"):  # short-circuit: what is not needed is not evaluated
            value = None
            for node in nodes:
                value = self.operand(dot, node)
                if bool(value) == (name == "or"):
                    return value
            return value if final is MISSING else final
        if name == "printf" and nodes and nodes[0].kind in LITERALS - {"string"}:
            raise TemplateError("expected string")
        arguments = [self.operand(dot, node) for node in nodes]
        return function(*arguments, *([] if final is MISSING else [final]))


def _kind(value: t.Any) -> str:
    for kind, name in ((bool, "bool"), (int, "int"), (float, "float"), (str, "string")):
        if isinstance(value, kind):
            return name
    return "none"


def _eq(first: t.Any, *others: t.Any) -> bool:
    if not others:
        raise TemplateError("missing argument for comparison")
    for other in others:
        if _kind(first) != _kind(other):
            if first is not None and other is not None:
                raise TemplateError("incompatible types for comparison")
        elif isinstance(first, t.Mapping) and isinstance(other, t.Mapping):
            raise TemplateError("non-comparable type")
        elif first == other:
            return True
    return False


def _lt(first: t.Any, second: t.Any) -> bool:
    kind = _kind(first)
    if kind != _kind(second) or kind in ("none", "bool"):
        raise TemplateError("incompatible types for comparison")
    return bool(utf8(first) < utf8(second) if kind == "string" else first < second)


def _le(first: t.Any, second: t.Any) -> bool:
    return _lt(first, second) or _eq(first, second)


def _position(value: t.Any, size: int) -> int:
    if _kind(value) != "int" or not 0 <= value <= size:
        raise TemplateError("index out of range")
    return int(value)


def _index(item: t.Any, *keys: t.Any) -> t.Any:
    if item is None:
        raise TemplateError("index of untyped nil")
    for key in keys:
        if isinstance(item, t.Mapping):
            if not isinstance(key, str):
                raise TemplateError("value is no string")
            item = item.get(key, "")
        elif isinstance(item, str):
            raw = utf8(item)
            position = _position(key, len(raw))
            if position == len(raw):
                raise TemplateError("index out of range")
            item = Byte(raw[position])
        else:
            raise TemplateError("can't index that")
    return item


def _slice(item: t.Any, *bounds: t.Any) -> str:
    if not isinstance(item, str) or len(bounds) > 2:
        raise TemplateError("can't slice that")
    raw = utf8(item)
    at = [0, len(raw)]
    for number, bound in enumerate(bounds):
        at[number] = _position(bound, len(raw))
    if at[0] > at[1]:
        raise TemplateError("invalid slice index")
    return raw[at[0] : at[1]].decode("utf-8", "surrogateescape")


def _len(item: t.Any) -> int:
    if isinstance(item, str):
        return len(utf8(item))
    if isinstance(item, t.Mapping):
        return len(item)
    raise TemplateError("len of that")


def _printf(format_: t.Any, *arguments: t.Any) -> str:
    if not isinstance(format_, str):
        raise TemplateError("expected string")
    return sprintf(format_, arguments)


def _escaped(arguments: t.Sequence[t.Any]) -> str:
    return sprint(["<no value>" if one is None else one for one in arguments])


def _html(*arguments: t.Any) -> str:
    table = {"\0": "\ufffd", '"': "&#34;", "'": "&#39;", "&": "&amp;", "<": "&lt;", ">": "&gt;"}
    return "".join(table.get(char, char) for char in _escaped(arguments))


def _js(*arguments: t.Any) -> str:
    table = {"\\": "\\\\", "'": "\\'", '"': '\\"', "<": "\\u003C", ">": "\\u003E", "&": "\\u0026", "=": "\\u003D"}

    def one(char: str) -> str:
        if char in table:
            return table[char]
        return f"\\u{ord(char):04X}" if char < " " or char > "~" and not char.isprintable() and char != "\x7f" else char

    return "".join(one(char) for char in _escaped(arguments))


def _urlquery(*arguments: t.Any) -> str:
    return quote_plus(utf8(_escaped(arguments)), safe="")


def _call(*_arguments: t.Any) -> t.NoReturn:
    raise TemplateError("labels hold no function to call")


def _comparison(test: t.Callable[[t.Any, t.Any], bool], inverse: bool) -> t.Tuple[int, int, t.Callable[[t.Any, t.Any], bool]]:
    return 2, 2, lambda first, second: test(first, second) != inverse


FUNCTIONS: t.Dict[str, t.Tuple[int, t.Optional[int], t.Callable[..., t.Any]]] = {
    # name: (fewest arguments, most, function)
    "and": (1, None, _call),
    "or": (1, None, _call),
    "call": (1, None, _call),
    "not": (1, 1, lambda value: not value),
    "eq": (1, None, _eq),
    "ne": _comparison(_eq, True),
    "lt": _comparison(_lt, False),
    "le": _comparison(_le, False),
    "gt": _comparison(_le, True),
    "ge": _comparison(_lt, True),
    "html": (0, None, _html),
    "index": (1, None, _index),
    "js": (0, None, _js),
    "len": (1, 1, _len),
    "print": (0, None, lambda *values: sprint(values)),
    "printf": (1, None, _printf),
    "println": (0, None, lambda *values: sprint(values, line=True)),
    "slice": (1, None, _slice),
    "urlquery": (0, None, _urlquery),
}
