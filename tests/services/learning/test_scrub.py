"""What is taken out of tasks and code before they are written to a dataset."""

from __future__ import annotations

import re
import time

import pytest

from gptoss_lab.services.learning.scrub import scrub

# Put together here, so that no scanner of repositories takes them for real ones.
A36 = "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0fG3hJ6"
HEX32 = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"
PLANTED = {
    "private-key": "-----BEGIN RSA " + "PRIVATE KEY-----\nMIIEow\nabc\n-----END RSA PRIVATE KEY-----",
    "private-key (OpenSSH)": "-----BEGIN OPENSSH " + "PRIVATE KEY-----\nb3BlbnNz",
    "putty-key": "PuTTY-User-Key-File-" + "3: ssh-ed25519\nPrivate-Lines: 1\nAAAA\nPrivate-MAC: 00ff",
    "jwt": "eyJhbGciOiJI" + "UzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmN",
    "aws-key": "AKIA" + "IOSFODNN7EXAMPLQ",
    "github-token": "ghp_" + A36,
    "github-token (fine-grained)": "github_pat_" + A36,
    "gitlab-token": "glpat-" + A36[:20],
    "hugging-face-token": "hf_" + A36[:34],
    "anthropic-key": "sk-ant-" + A36,
    "openai-key": "sk-proj-" + A36,
    "groq-key": "gsk_" + A36,
    "google-key": "AIza" + A36[:35],
    "google-oauth": "GOCSPX-" + A36[:28],
    "slack-token": "xoxb-" + "123456789012-" + A36[:24],
    "slack-webhook": "https://hooks.slack.com/services/" + "T000/B000/" + A36[:24],
    "discord-webhook": "https://discord.com/api/webhooks/" + "123/" + A36,
    "telegram-token": "123456789:" + "AA" + A36[:33],
    "stripe-key": "sk_live_" + A36[:24],
    "twilio-key": "SK" + HEX32,
    "sendgrid-key": "SG." + A36[:22] + "." + A36,
    "mailgun-key": "key-" + HEX32,
    "npm-token": "npm_" + A36,
    "pypi-token": "pypi-" + "AgEIcHlwaS5vcmc" + A36,
    "docker-token": "dckr_pat_" + A36[:27],
    "databricks-token": "dapi" + HEX32,
    "digitalocean-token": "dop_v1_" + HEX32 * 2,
    "shopify-token": "shpat_" + HEX32,
    "azure-key": "AccountKey=" + A36 + A36 + "==",
    "sas-signature": "https://x.blob.core.windows.net/c?sv=1&sig=" + A36,
    "url-password": "postgresql://ada:" + "tr0ub4dor" + "@db.lab:5432/x",
    "url-token": "https://api.lab/v1?access_token=" + A36[:20],
    "bearer": "Authorization: Bearer " + A36,
    "named-secret": 'db_password = "' + "correct horse" + '"',
    "named-secret (R)": "Sys.setenv(MY_API_KEY" + ' = "q8s-T1vW4")',
    "named-secret (keyword)": "connect(passwd='" + "hunter22" + "')",
    "environment-line": "%env LAB_TOKEN=" + "q8sT1vW4yZ",
    "random-string": 'x = "' + A36 + "Qx9" * 3 + '"',
    "e-mail": "ada.lovelace@lab.university.edu",
    "home-folder": "/home/" + "ada/data.csv",
    "home-folder (macOS)": "/Users/" + "ada.l/data.csv",
    "home-folder (Windows)": r"C:\Users" + r"\Ada\data.csv",
}


def test_there_are_thirty_kinds_at_least() -> None:
    """Those that people put into notebooks most."""
    assert len({name.partition(" (")[0] for name in PLANTED}) >= 30


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_secret_is_taken_out_and_counted(name: str) -> None:
    """What stood there is gone, a word says what it was, and the code around it is as it was."""
    planted = PLANTED[name]
    text, found = scrub(f"before = 1\n{planted}\nafter = 2")
    assert sum(found.values()) == 1, found
    kind = name.partition(" (")[0]
    assert set(found) == {kind}
    assert f"<{kind}>" in text
    assert text.startswith("before = 1\n")
    assert text.endswith("after = 2") or "PRIVATE KEY" in planted
    secret = max(re.findall(r"[A-Za-z0-9]+", planted.replace("PRIVATE", "")), key=len)
    assert secret not in text or kind in {"home-folder", "url-password", "e-mail", "named-secret", "bearer"}


@pytest.mark.parametrize(
    "code",
    [
        'df = pd.read_csv("sales.csv")\ndf.groupby("city")["amount"].mean()',
        "token = tokenizer.next_token()\npassword = getpass.getpass()",
        'api_key = os.environ["API_KEY"]\nheaders = {"Authorization": f"Bearer {api_key}"}',
        'password = "<your password>"\nsecret = "***"\napi_key = "YOUR_API_KEY"',
        "import sklearn.model_selection.GridSearchCV as LongCamelCaseNameOfSomeClass",
        "@app.get('/')\ndef f(): return a@b.T",
        'mail = "someone@example.com"\npath = "/home/jovyan/work"',
        "http://localhost:8888/lab\nsqlite:///x.db\nhttps://docs.python.org/3/library/re.html#re.compile",
        "sha = 'd41d8cd98f00b204e9800998ecf8427e'\nkey-value pairs and secret sauce: token ring",
        "sorted(rows, key=lambda row: row['name'])",
    ],
)
def test_plain_code_stays_as_it_is(code: str) -> None:
    """Names, hashes of files, placeholders and addresses that are nobody's are no secrets."""
    assert scrub(code) == (code, {})


@pytest.mark.parametrize(
    "piece", ["a", "aB3", "password", "/home/", "eyJ.", "sk-", "-----BEGIN PRIVATE KEY-----", "@a."]
)
def test_hostile_text_takes_no_time(piece: str) -> None:
    """No pattern is slow on a text that almost fits it again and again."""
    text = (piece * 200_000)[:200_000]
    began = time.process_time()
    scrub(text)
    assert time.process_time() - began < 8
