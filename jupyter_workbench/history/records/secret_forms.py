"""The forms in which `masking` recognises secrets."""

from __future__ import annotations

import re
from typing import NamedTuple


class Family(NamedTuple):
    """Secrets that are found by a word: the pattern is tried only where one of the words (in lower case) begins.

    So a long text costs little more than looking for the words. The group ``secret`` is masked, else the whole match;
    where the group ``open`` is found, nothing is: what would have to follow the secret does not. A match is never
    looked into again, whichever it is, so that no text takes time with the square of its length.
    """

    words: tuple[str, ...]
    pattern: re.Pattern[str]


def _token(words: str, pattern: str) -> Family:
    """Make the family of a token that its issuer made to be recognised."""
    return Family(tuple(words.split()), re.compile(rf"(?<![A-Za-z0-9_])(?:{pattern})"))


def _after(*names: str) -> str:
    """Look behind for one of the names, with or without a dash, underscore or dot at its end."""
    return "(?:" + "|".join(f"(?<={name})|(?<={name}[_.-])" for name in names) + ")"


_KEYS = _after(
    "api", "access", "account", "shared", "private", "auth", "secret", "subscription", "encryption", "master"
)
_OF_LANGUAGE_MODELS = "".join(
    f"(?<!{name}_)" for name in ["pad", "unk", "eos", "bos", "sep", "cls", "mask", "stop", "start", "end"]
)
_NAME = (
    rf"(?:passw(?:or)?d|pwd|passphrase|secret|credentials?|{_KEYS}key|conn(?:ection)?[_.-]?str(?:ing)?|"
    rf"{_OF_LANGUAGE_MODELS}token)(?:[_-]?\d{{1,3}})?"
)
_VARIABLE = r"(?:PASSWORD|PASSWD|PWD|PASSPHRASE|SECRET|TOKEN|(?<=_)KEY|CREDENTIALS?|CONNECTION_STRING)"
_PARAMETERS = ("token", "access_token", "api_key", "apikey", "sig", "secret", "client_secret", "password")
# Neither a part of Python's syntax nor, at its beginning, the place where a format or a statement puts a value.
_BARE = r"(?![=:?@$%<])[^\s,;'\"()\[\]{}]"
_OF_A_STORAGE_ACCOUNT = r"(?:\.[a-z0-9]{3,24}\.(?:blob|dfs|file|queue|table)\.core\.[a-z.]{3,30})?"
_WORDS_OF_NAMES = ("passw", "pwd", "passphrase", "secret", "credential", "key", "conn", "token")

# Every repetition has a bound, and stops before what follows it: no text takes long.
FAMILIES = (
    Family(
        ("-----begin ",),
        re.compile(
            r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY-----(?:[A-Za-z0-9+/=\s\\'\",:.]|-(?!----)){0,20000}"
            r"(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY-----)?"
        ),
    ),
    _token("akia asia aroa aida", r"(?:AKIA|ASIA|AROA|AIDA)[A-Z0-9]{16}(?![A-Za-z0-9])"),  # AWS
    _token("ghp_ gho_ ghu_ ghs_ ghr_ github_pat_", r"gh[pousr]_[A-Za-z0-9]{30,255}|github_pat_[A-Za-z0-9_]{40,255}"),
    _token("glpat- gldt- glrt- glptt- glft- glsoat-", r"gl(?:pat|dt|rt|ptt|ft|soat)-[A-Za-z0-9_.-]{20,255}"),
    _token("xox xapp-", r"xox[abeoprs]-[A-Za-z0-9-]{10,255}|xapp-[A-Za-z0-9-]{10,255}"),  # Slack
    _token("hooks.slack.com/", r"hooks\.slack\.com/services/(?P<secret>[A-Za-z0-9/]{20,100})"),
    _token("aiza ya29. gocspx-", r"AIza[A-Za-z0-9_-]{35}|ya29\.[A-Za-z0-9_-]{20,1000}|GOCSPX-[A-Za-z0-9_-]{20,40}"),
    _token("sk- hf_", r"sk-[A-Za-z0-9_-]{20,255}|hf_[A-Za-z0-9]{30,60}"),  # OpenAI, Anthropic, Hugging Face
    _token("dapi pypi- npm_", r"dapi[a-f0-9]{32}(?![A-Za-z0-9])|pypi-[A-Za-z0-9_-]{50,1000}|npm_[A-Za-z0-9]{36}"),
    _token("sk_live_ rk_live_", r"[rs]k_live_[A-Za-z0-9]{20,255}"),  # Stripe
    _token("sg. hvs. hvb.", r"SG\.[A-Za-z0-9_-]{16,32}\.[A-Za-z0-9_-]{16,64}|hv[sb]\.[A-Za-z0-9_-]{20,300}"),
    _token("gsk_ r8_ nvapi-", r"gsk_[A-Za-z0-9]{40,60}|r8_[A-Za-z0-9]{30,40}|nvapi-[A-Za-z0-9_-]{40,80}"),
    _token("dckr_pat_", r"dckr_pat_[A-Za-z0-9_-]{20,40}"),
    _token("eyj", r"(?<!-)eyJ[A-Za-z0-9_-]{8,4000}\.eyJ[A-Za-z0-9_-]{8,20000}\.[A-Za-z0-9_-]{8,4000}"),  # JWT
    Family(  # Azure: a connection string, the signature of a URL
        ("accountkey", "sharedaccesskey", "sharedaccesssignature"),
        re.compile(r"[A-Za-z]{10,21}[ ]?=[ ]?(?P<secret>[^;\s'\"]{8,1000})"),
    ),
    Family(  # of a URL
        tuple(f"{mark}{name}=" for mark in "?&" for name in _PARAMETERS),
        re.compile(r"[?&][A-Za-z_]{3,13}=(?P<secret>[A-Za-z0-9%+/=_.~-]{8,500})"),
    ),
    Family(  # a password may be short
        ("?password=", "&password="),
        re.compile(r"[?&][A-Za-z]{8}=(?P<secret>[A-Za-z0-9%+/=_.~-]{1,500})"),
    ),
    Family(  # of a connection string
        ("password", "pwd"),
        re.compile(r"(?<![A-Za-z])[A-Za-z]{3,8}[ ]?=[ ]?(?P<secret>[^;\s'\"]{1,500})(?:;|(?P<open>))"),
    ),
    Family(  # at its end
        (";password", "; password", ";pwd", "; pwd"),
        re.compile(r";[ ]?[A-Za-z]{3,8}[ ]?=[ ]?(?P<secret>[^;\s'\"()\[\]{}]{3,500})(?=['\"])"),
    ),
    Family(  # of a connection string with blanks, as of PostgreSQL
        ("password", "passwd", "pwd"),
        re.compile(
            rf"(?<![A-Za-z])[A-Za-z]{{3,8}}[ ]?=[ ]?(?P<secret>{_BARE}{{1,500}})"
            r"(?:(?=[ ]{1,8}[A-Za-z_]{1,40}[ ]?=)|(?P<open>))"
        ),
    ),
    Family(  # at its end
        (" password=", " passwd=", " pwd="),
        re.compile(rf"[ ][A-Za-z]{{3,8}}=(?P<secret>{_BARE}{{3,500}})(?=['\"])"),
    ),
    Family(  # of an HTTP request; a word without a digit is prose
        ("bearer ",),
        re.compile(r"[A-Za-z]{6}[ ]{1,4}(?P<secret>(?=[A-Za-z._~+/=-]{0,60}\d)[A-Za-z0-9._~+/=-]{16,4000})"),
    ),
    Family(
        ("authorization",),
        re.compile(
            r"[A-Za-z]{13}['\"]?\]?[ \t]{0,8}[:=][ \t]{0,8}[rbf]{0,2}['\"]?(?:Basic|Bearer|Token|ApiKey)[ ]{1,4}"
            r"(?P<secret>[A-Za-z0-9._~+/=-]{8,4000})",
            re.IGNORECASE,
        ),
    ),
    Family(  # of an AWS credentials file
        ("aws_secret_access_key",),
        re.compile(r"[A-Za-z_]{21}[ ]?=[ ]?(?P<secret>[A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])"),
    ),
    Family(
        ("keycredential(", "login("),
        re.compile(
            r"(?:KeyCredential\(|login\([^()\n'\"]{0,40}key=)(?P<quote>['\"])(?P<secret>[^'\"\n]{8,200})(?P=quote)",
            re.IGNORECASE,
        ),
    ),
    Family(("://",), re.compile(r"://[^\s/@:'\"<>]{0,200}:(?P<secret>[^\s/@'\"<>]{1,500})@")),
    Family(("://",), re.compile(r"://(?P<secret>[A-Za-z0-9_-]{20,500})@")),  # of a remote
    Family(
        _WORDS_OF_NAMES,
        re.compile(
            rf"{_NAME}['\"]?\]?[ \t]{{0,8}}(?::[ \t]{{0,4}}str[ \t]{{0,4}}=|=|:)[ \t]{{0,8}}[rbf]{{0,2}}"
            r"(?P<quote>\"\"\"|'''|\"|')(?P<secret>(?:\\.|(?!(?P=quote))[^\\\n]){1,2000})(?P=quote)",
            re.IGNORECASE,
        ),
    ),
    Family(  # a line of a file with environment variables
        _WORDS_OF_NAMES,
        re.compile(rf"(?<![a-z]){_VARIABLE}=(?P<secret>[^\s'\"()\[\]{{}}$]{{6,1000}})(?:$|(?P<open>))", re.MULTILINE),
    ),
    Family(  # the same on the line of a magic or a shell
        ("%env ", "%set_env ", "export "),
        re.compile(
            rf"(?:%(?:set_)?env|export)[ ]{{1,4}}[A-Z0-9_]{{0,60}}?{_VARIABLE}[ =]"
            r"(?P<secret>[^\s'\"()\[\]{}$;&]{6,1000})"
        ),
    ),
    Family(  # a call that takes the name of a variable or a setting, then its value
        (
            "getenv(", "environ.get(", "setdefault(", "putenv(", "setenv(",
            ".option(", ".config(", ".set(", ".setconf(", ".setexecutorenv(", ".setproperty(",
        ),
        re.compile(
            rf"[A-Za-z.]{{4,15}}\(\s{{0,40}}['\"][A-Za-z0-9_.-]{{0,80}}?{_NAME}{_OF_A_STORAGE_ACCOUNT}['\"]"
            r"\s{0,40},\s{0,40}[rbf]{0,2}(?P<quote>['\"])(?P<secret>[^'\"\n]{1,1000})(?P=quote)",
            re.IGNORECASE,
        ),
    ),
)  # fmt: skip
