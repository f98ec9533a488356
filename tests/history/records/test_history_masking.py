"""Which secrets never reach the store, what stays readable, and that no text takes long to look through."""

from __future__ import annotations

import base64
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kernel_on_paper import FACTS, RUN_ID, STREAM, ended, everything, lines, logged, opened, printed, started

from jupyter_workbench.history.location import ProjectData
from jupyter_workbench.history.reading.queries import info
from jupyter_workbench.history.reading.texts import text
from jupyter_workbench.history.records.captured import Captured
from jupyter_workbench.history.records.masking import MASKED, mask
from jupyter_workbench.history.store.store import Store

# Put together at run time, so that no scanner of this repository takes them for real ones.
A = "a1B2c3D4e5" * 10
TOKENS = [
    "AKIA" + "ABCDEFGH12345678",
    "ghp_" + A[:36],
    "github_pat_" + A[:60],
    "glpat-" + A[:20],
    "xoxb-" + "123456789012-" + A[:20],
    "AIza" + A[:35],
    "ya29." + A[:60],
    "sk-" + A[:40],
    "hf_" + A[:34],
    "pypi-" + A[:80],
    "npm_" + A[:36],
    "sk_live_" + A[:24],
    "SG." + A[:22] + "." + A[:43],
    "hvs." + A[:40],
    "gsk_" + A[:52],
    "r8_" + A[:37],
    "nvapi-" + A[:64],
    "dckr_pat_" + A[:27],
    "dapi" + "0123456789abcdef" * 2,
    "eyJ" + A[:20] + ".eyJ" + A[:40] + "." + A[:30],
    base64.b64encode(bytes(range(64))).decode(),
]
SECRET = "hunter2-and-more"


@pytest.mark.parametrize("token", TOKENS)
@pytest.mark.parametrize("around", ["{}", "x = '{}'", "curl -H 'Authorization: Bearer {}' host", "({})", "\n{}\n"])
def test_a_well_known_token_is_masked_wherever_it_stands(token: str, around: str) -> None:
    assert mask(around.format(token)) == around.format(MASKED)


@pytest.mark.parametrize(
    ("told", "shown"),
    [
        ("password = 'hunter2'", "password = '[masked]'"),
        ('DB_PASSWORD="hunter2"', 'DB_PASSWORD="[masked]"'),
        ("connect(host='h', passwd='hunter2', db='d')", "connect(host='h', passwd='[masked]', db='d')"),
        ('{"api_key": "hunter2", "n": 1}', '{"api_key": "[masked]", "n": 1}'),
        ('os.environ["API_KEY"] = "hunter2"', 'os.environ["API_KEY"] = "[masked]"'),
        ("clientSecret: 'hunter2'", "clientSecret: '[masked]'"),
        ('token: str = "hunter2"', 'token: str = "[masked]"'),
        ("token_2 = f'hunter2'", "token_2 = f'[masked]'"),
        ('pwd = "it\'s"', 'pwd = "[masked]"'),
        (r"secret = 'a\'b'", "secret = '[masked]'"),
        ("connection_string = '''Server=x'''", "connection_string = '''[masked]'''"),
        ("aws_secret_access_key='hunter2'", "aws_secret_access_key='[masked]'"),
        ("+AWS_SECRET_ACCESS_KEY=hunter2\n", "+AWS_SECRET_ACCESS_KEY=[masked]\n"),
        ("export API_TOKEN=hunter2", "export API_TOKEN=[masked]"),
        ("https://ada:hunter2@host/x", "https://ada:[masked]@host/x"),
        ("https://" + A[:40] + "@host/x.git", "https://[masked]@host/x.git"),
        ("postgresql+psycopg2://ada:hunter2@db:5432/x", "postgresql+psycopg2://ada:[masked]@db:5432/x"),
        ("Server=s;User=u;Password=hunter2;X=1", "Server=s;User=u;Password=[masked];X=1"),
        ("conn = 'Server=s;User=u;Password=hunter2'", "conn = 'Server=s;User=u;Password=[masked]'"),
        ('h = {"Authorization": "Bearer ' + A[:20] + '"}', 'h = {"Authorization": "Bearer [masked]"}'),
        ("curl -H 'authorization: Basic YWRhOmh1bnRlcg=='", "curl -H 'authorization: Basic [masked]'"),
        ("http://localhost:8888/lab?token=" + "0f" * 24, "http://localhost:8888/lab?token=[masked]"),
        ("get('https://host/?n=1&api_key=hunter22&m=2')", "get('https://host/?n=1&api_key=[masked]&m=2')"),
        ("%env OPENAI_API_KEY hunter2", "%env OPENAI_API_KEY [masked]"),
        ("!export API_TOKEN=hunter2 && train", "!export API_TOKEN=[masked] && train"),
        ("os.getenv('API_TOKEN', 'hunter2')", "os.getenv('API_TOKEN', '[masked]')"),
        ("os.environ.setdefault('DB_PASSWORD', 'hunter2')", "os.environ.setdefault('DB_PASSWORD', '[masked]')"),
        ("monkeypatch.setenv('API_TOKEN', 'hunter2')", "monkeypatch.setenv('API_TOKEN', '[masked]')"),
        ('read.option("password", "hunter2").load()', 'read.option("password", "[masked]").load()'),
        ('read.option( "sfPassword" , f"hunter2" )', 'read.option( "sfPassword" , f"[masked]" )'),
        ('write.jdbc(u, properties={"password": "hunter2"})', 'write.jdbc(u, properties={"password": "[masked]"})'),
        ('SparkConf().set("fs.s3a.secret.key", "hunter2")', 'SparkConf().set("fs.s3a.secret.key", "[masked]")'),
        (
            '.config("spark.hadoop.javax.jdo.option.ConnectionPassword", "hunter2")',
            '.config("spark.hadoop.javax.jdo.option.ConnectionPassword", "[masked]")',
        ),
        (
            '.config(\n        "spark.ssl.keyPassword",\n        "hunter2",\n    )',
            '.config(\n        "spark.ssl.keyPassword",\n        "[masked]",\n    )',
        ),
        (
            "spark.conf.set('fs.azure.account.oauth2.client.secret.mine.dfs.core.windows.net', 'hunter2')",
            "spark.conf.set('fs.azure.account.oauth2.client.secret.mine.dfs.core.windows.net', '[masked]')",
        ),
        ('sql.setConf("my.auth-token", "hunter2")', 'sql.setConf("my.auth-token", "[masked]")'),
        ('conf = {"fs.s3a.secret.key": "hunter2"}', 'conf = {"fs.s3a.secret.key": "[masked]"}'),
        (
            'connect("host=h password=hunter2 dbname=d")',
            'connect("host=h password=[masked] dbname=d")',
        ),
        ("connect('dbname=d user=u password=hunter2')", "connect('dbname=d user=u password=[masked]')"),
        ('"jdbc:postgresql://h/d?user=u&password=hunter2"', '"jdbc:postgresql://h/d?user=u&password=[masked]"'),
        ("aws_secret_access_key = " + A[:38] + "/+", "aws_secret_access_key = [masked]"),
        ("wandb.login(key='" + A[:40] + "')", "wandb.login(key='[masked]')"),
        ("AzureKeyCredential('" + A[:32] + "')", "AzureKeyCredential('[masked]')"),
        ("AccountName=a;AccountKey=hunter22==", "AccountName=a;AccountKey=[masked]"),
        (
            "https://a.blob.core.windows.net/c?sv=1&sig=" + A[:43] + "%3D",
            "https://a.blob.core.windows.net/c?sv=1&sig=[masked]",
        ),
        (
            "k = '''-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nAbC+/=\n-----END RSA PRIVATE KEY-----'''",
            "k = '''[masked]'''",
        ),
        ("-----BEGIN PRIVATE KEY-----\nAbC", "[masked]"),
    ],
)
def test_of_a_named_secret_only_the_value_is_masked(told: str, shown: str) -> None:
    assert mask(told) == shown


@pytest.mark.parametrize(
    "told",
    [
        "password = getpass()",
        "token = os.environ['TOKEN']",
        "tokenizer = 'bert-base'",
        "pad_token = '[PAD]'",
        "tokens = 'a b c'",
        "if password == other:",
        "secretary = 'Ada'",
        "KEYS = 'abc'",
        "SORT_KEY=get(x)",
        "model.fit(x, y)  # see http://host:80/path and ada@host",
        "risk-free-rate, task-force-of-many-words-in-a-row",
        "http://host/a:b@c",
        "token = tokenizer(x)",
        "connect(password=settings['db'], pwd=get('x'))",
        "a = 1; password = f(x)['y']; pwd = get('x')",
        "headers = {'Authorization': f'Bearer {token}'}",
        "authorization: bearer of good news, the bearer internationalization-team",
        "os.getenv('API_TOKEN', default)",
        "columns = ['password', 'token', 'name']",
        "frame.select('password', 'token').drop('token', 'name')",
        'read.option("header", "true").option("tokenizer", "bert").option("primaryKey", "id")',
        'read.option("password", password).option("user", "ada")',
        'x.set("secret santa", 1); x.set("secret", 1); x.set("pad_token", "[PAD]"); reset("token", "name")',
        "connect(host=h, password=pw, user=u)",
        "connect(host='h', password=pw)\nuser='u'",
        "if password == given: user = 'u'",
        "f'host={host} password={password} dbname={name}'",
        "'host=%s password=%s dbname=%s' % told",
        "'UPDATE users SET name=:name, password=:password'",
        "PASSWORD=$OTHER USER=ada run",
        "url = f'https://host/?token={token}&page=2'",
        "export API_TOKEN",
        "%env",
        "login(user, key=key)",
        "pwd",
        "",
    ],
)
def test_what_is_no_secret_stays(told: str) -> None:
    assert mask(told) == told


def test_nothing_that_is_masked_reaches_the_file(store: Store, data: ProjectData) -> None:
    secret = f"password = '{SECRET}'"
    error = {"name": "E", "message": secret, "traceback": f"at {secret}"}
    store.apply(STREAM, 0, lines(opened(), started(source=secret), printed(secret, secret)), FACTS)
    told = lines(opened(), started(source=secret), printed(secret, secret))
    store.apply(STREAM, len(told), lines(ended(status="Failed", error=error)), FACTS)
    captured = Captured(1.0, "c" * 40, "main", f"https://ada:{SECRET}@host/x.git", True, f"+{secret}")
    store.annotate(STREAM, ["a" * 32], captured)
    store.close()
    assert SECRET not in repr(everything(data))
    run = info(data, RUN_ID)
    assert run["source"] == run["stdout"] == run["stderr"] == run["error"]["message"] == f"password = '{MASKED}'"
    assert run["git"]["remote"] == f"https://ada:{MASKED}@host/x.git"
    assert text(data, RUN_ID, "diff") == f"+password = '{MASKED}'"
    assert SECRET.encode() not in b"".join(path.read_bytes() for path in data.root.glob("history.db*"))


def test_what_a_user_logs_is_the_users_own_word(store: Store, data: ProjectData) -> None:
    store.apply(STREAM, 0, lines(opened(), started(), logged("password", f"password='{SECRET}'")), FACTS)
    assert info(data, RUN_ID)["password"] == f"password='{SECRET}'"


LENGTH = 200_000
PIECES = [
    "a", "A", "-", "=", ":", "/", "'", '"', "\\", " ", "\n", "_", "eyJ", "eyJaaaaaaaa.", "://", "://a:", "token='",
    'token="', "token=", "password", "password:", "password = ", "-----BEGIN PRIVATE KEY-----", "BEGIN ", "AKIA",
    "ghp_",
    "sk-", "https://", "https://aaaaaaaaaaaaaaaaaaaa", "sig=", "&sig=aaaa", "AccountKey=", "Password=a", "secret'''",
    "TOKEN=", ";pwd=", "?token=", "Bearer ", "export ", "getenv('token", "secret='''a",
    ".option('", ".set('password','", ".config('a.", ".set('" + "key" * 33, ".set(" + " " * 80, "password=a a=",
    " password=a", "password=a" + " " * 8,
    "API_", "\nA_KEY=a", "token: str =", "\\'", "token='\\", "é", "\ud800", "İ",
]  # fmt: skip


@pytest.mark.parametrize("piece", PIECES)
def test_no_text_takes_long_to_look_through(piece: str) -> None:
    told = "token key conn :// == sig= eyj password " + piece * (LENGTH // len(piece))
    start = time.process_time()
    mask(told)
    assert time.process_time() - start < 3  # quadratic time would be minutes


@pytest.mark.parametrize("piece", ["TOKEN=", "A_KEY=", "pwd="])
def test_what_is_no_secret_in_the_end_is_not_looked_into_again(piece: str) -> None:
    told = piece * (2_000_000 // len(piece))
    start = time.process_time()
    mask(told)
    assert time.process_time() - start < 2.5  # it is done in a fifth of that


around = st.lists(st.sampled_from(PIECES) | st.text(max_size=5), max_size=20).map("".join)


@settings(max_examples=150, deadline=None)
@given(around, st.sampled_from(TOKENS), around)
def test_a_token_on_a_line_of_its_own_is_masked_whatever_is_around_it(before: str, token: str, after: str) -> None:
    assert token not in mask(f"{before}\n{token}\n{after}")


@settings(max_examples=150, deadline=None)
@given(around)
def test_nothing_around_a_secret_is_changed(told: str) -> None:
    position = 0
    for part in mask(told).split(MASKED):
        found = told.find(part, position)
        assert found >= position
        position = found + len(part)
