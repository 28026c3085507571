"""Walks TagoIO's official SDK for Python through a fresh local stack, as walk.mjs does for JavaScript.

Install requirements.txt, then: .tools/local with python infra/compat/walk.py
"""

import json
import os
import re
import sys
import time
import traceback
import urllib.error
import urllib.request
import uuid
from datetime import datetime, timedelta, timezone
from importlib.metadata import version

if not os.environ.get("TAGOIO_API") or not os.environ.get("MAILBOX"):
    sys.exit("TAGOIO_API and MAILBOX must be the addresses of a fresh stack")
# Each request is sent once: the SDK must not pass because its second try
# succeeded. There is no proxy, because the stack is on this machine.
os.environ["TAGOIO_REQUEST_ATTEMPTS"] = "1"
os.environ["NO_PROXY"] = os.environ["no_proxy"] = "127.0.0.1"

from tagoio_sdk import Account, Resources  # noqa: E402
from tagoio_sdk.infrastructure.api_request import TagoIORequestError  # noqa: E402

SDK = "py " + version("tagoio-sdk")
PASSWORD = "walk lantern otter"
EMAIL = f"walk+py.{uuid.uuid4().hex[:8]}@example.com"
DEMO = {"email": "ana@example.com", "password": "demo lantern otter"}
PLANE = "p-DemoPlneOnlyForTheLocalStack00rv5n"  # the token of the demo's data plane

counts = {True: 0, False: 0}
has = {}


def step(name):
    """Runs a function at once as a step; later steps go on when it fails."""

    def run(function):
        try:
            function()
            counts[True] += 1
            print(f"{SDK}  {name}  ok")
        except KeyError as missing:
            counts[False] += 1
            print(f"{SDK}  {name}  FAILED\n    KeyError {missing}: no earlier step left it, or an answer lacks it")
        except Exception as error:
            counts[False] += 1
            line = traceback.extract_tb(error.__traceback__)[1]
            print(f"{SDK}  {name}  FAILED\n    {type(error).__name__}: {error}\n    at walk.py:{line.lineno}: {line.line}")

    return run


def equal(got, want):
    assert got == want, f"expected {want!r}, came {got!r}"


def refused(call, text):
    try:
        value = call()
    except TagoIORequestError as error:
        assert isinstance(error.message, str) and text in error.message, f"expected {text!r}, came {error.message!r}"
    else:
        raise AssertionError(f"expected a refusal, came {value!r}")


def refusal(method, path, body, token=""):
    """The refusal of a request as it comes, of which the SDK hands on the message alone."""
    request = urllib.request.Request(
        os.environ["TAGOIO_API"] + path, method=method, headers={"token": token, "content-type": "application/json"}, data=json.dumps(body).encode(),
    )
    try:
        urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request)
    except urllib.error.HTTPError as error:
        return json.load(error)
    raise AssertionError(f"expected a refusal of {method} {path}")


def near(value, want):
    assert isinstance(value, datetime), f"expected a datetime, came {value!r}"
    assert abs(value - want) < timedelta(minutes=1), f"expected about {want}, came {value}"


def now():
    """The time as the SDK parses it: UTC without a zone."""
    return datetime.now(timezone.utc).replace(tzinfo=None)


def code_of_mail(address, route):
    """Waits for the first mail to an address that links to a route of the console, and returns the code of the link."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(os.environ["MAILBOX"] + "/store") as response:
            for mail in json.load(response)["emails"]:
                link = re.search(rf"#/{route}/(\w+)", mail["body"]["text"])
                if address in mail["destination"]["to"] and link:
                    return link.group(1)
        time.sleep(0.05)
    raise AssertionError(f"expected a mail to {address} with a link to {route} within 10 s, came none")


def create(email):
    """Signs an address up and returns the code that confirms it."""
    Account.create({
        "name": "Walk", "email": email, "password": PASSWORD, "cpassword": PASSWORD, "timezone": "UTC", "company": "Walkers",
        "newsletter": False,
    })
    return code_of_mail(email, "account/confirm")


def sign_in(email, password, profile=None):
    """Returns the resources of an account, with a token of its first profile or of the one that is named."""
    login = Account.login({"email": email, "password": password})
    made = Account.tokenCreate({
        "profile_id": profile or login["profiles"][0]["id"], "email": email, "password": password, "name": "walk py",
        "expire_time": "1 hour",
    })
    return login, Resources({"token": made["token"]}), made["token"]


@step("sign-up")
def _():
    code = create(EMAIL)
    refused(lambda: Account.login({"email": EMAIL, "password": PASSWORD}), "Confirm")
    Account.resendConfirmation(EMAIL)
    Account.confirmAccount(code)
    refused(lambda: Account.confirmAccount(code), "link")


@step("login")
def _():
    login = Account.login({"email": EMAIL, "password": PASSWORD})
    has["profile"] = login["profiles"][0]["id"]
    refused(lambda: Account.login({"email": EMAIL, "password": "not this one"}), "Invalid credentials")
    told = refusal("POST", "/account/login", {"email": EMAIL, "password": "not this one"})
    equal((told["status"], told["code"], told["docs"]), (False, "invalid_credentials", "/docs/errors#invalid_credentials"))
    has["token"] = Account.tokenCreate({
        "profile_id": has["profile"], "email": EMAIL, "password": PASSWORD, "name": "walk", "expire_time": "3 month",
    })["token"]
    has["resources"] = Resources({"token": has["token"]})


@step("account")
def _():
    account = has["resources"].account
    info = account.info()
    for field in ("created_at", "updated_at", "last_login"):
        near(info[field], now())
    equal((info["email"], info["plan"]), (EMAIL, "free"))
    equal(account.edit({"name": "Wanda", "newsletter": True}), "Account Successfully Updated")
    equal(account.info()["name"], "Wanda")


@step("profile")
def _():
    profile = has["resources"].profile
    equal(profile.edit(has["profile"], {"name": "Renamed", "logo_url": None}), "Successfully Updated")
    equal(profile.list(), [
        {"id": has["profile"], "name": "Renamed", "logo_url": None, "role": "owner", "permission": "full"}
    ])
    info = profile.info("current")
    near(info["info"]["created_at"], now())
    equal(info, profile.info(has["profile"]))
    equal(profile.summary(has["profile"])["limit"], {**info["allocation"], "tcore": 0})
    refused(lambda: profile.create({"name": "Second"}, allocate_free_resources=True), "maximum limit of profiles (1)")
    told = refusal("POST", "/profile", {"name": "Second"}, has["token"])
    equal((told["code"], told["details"]), ("profiles_full", {"limit": 1, "used": 1, "plan": "free"}))
    refused(lambda: profile.delete(has["profile"], {"password": ""}), "password")
    refused(lambda: has["resources"].account.delete(), "password is required")


@step("tokens")
def _():
    profile = has["resources"].profile
    credentials = {"email": EMAIL, "password": PASSWORD}
    # The SDK writes a datetime with a blank and without a zone.
    end = now() + timedelta(days=40)
    for name, permission, expires, want in (
        ("walk-1", "full", "never", "never"), ("walk-2", "write", end, end), ("walk-3", "read", "1 day", now() + timedelta(days=1)),
    ):
        made = profile.tokenCreate(has["profile"], {"name": name, "permission": permission, "expire_time": expires, **credentials})
        if want == "never":
            equal(made["expire_date"], "never")
        else:
            near(made["expire_date"], want)
        has[name] = made["token"]
    rows = profile.tokenList(has["profile"], {})
    equal([row["name"] for row in rows], ["walk", "walk-1", "walk-2", "walk-3"])
    near(rows[0]["created_at"], now())
    # TagoIO's auto-scaler finds the profile of its token in this way.
    equal([row["name"] for row in rows if row["token"] == has["token"]], ["walk"])
    rows = profile.tokenList(has["profile"], {
        "filter": {"name": "walk-*"}, "fields": ["name", "created_by"], "orderBy": ["name", "desc"], "amount": 2, "page": 1,
    })
    equal([row["name"] for row in rows], ["walk-3", "walk-2"])
    equal(sorted(rows[0]), ["created_at", "created_by", "expire_time", "name"])
    refused(lambda: profile.tokenCreate(has["profile"], {"name": "no", "permission": "read", "email": EMAIL, "password": "wrong"}), "Invalid password")


@step("tokens: use and delete")
def _():
    profile = has["resources"].profile
    reader = Resources({"token": has["walk-3"]}).profile
    equal(reader.info("current")["info"]["id"], has["profile"])
    refused(lambda: reader.edit(has["profile"], {"name": "No"}), "Authorization Denied")
    equal(profile.tokenDelete(has["profile"], has["walk-3"]), "Token Successfully Removed")
    refused(lambda: reader.info("current"), "Authorization Denied")
    masked = profile.tokenList(has["profile"], {"filter": {"name": "walk-2"}})[0]["token"]
    equal(profile.tokenDelete(has["profile"], masked), "Token Successfully Removed")
    refused(lambda: Resources({"token": has["walk-2"]}).account.info(), "Authorization Denied")


@step("Scale: create, switch, delete")
def _():
    home = Account.login(DEMO)["profiles"][0]["id"]
    token = Account.tokenCreate({"profile_id": home, "name": "walk py", **DEMO})["token"]
    profile = Resources({"token": token}).profile
    before = profile.list()
    spare = profile.create({"name": "Walk py"}, allocate_free_resources=True)["id"]
    try:
        equal(profile.transferTokenToAnotherProfile(spare), "Token Successfully Transferred")
        equal(profile.info("current")["info"]["id"], spare)
        profile.transferTokenToAnotherProfile(home)
        refused(lambda: profile.delete(spare, {"password": "not this one"}), "Invalid password")
    finally:
        equal(profile.delete(spare, {"password": DEMO["password"]}), "Successfully Removed")
    equal(profile.list(), before)
    equal(profile.tokenDelete(home, token), "Token Successfully Removed")


def report(profile, *lines):
    """Reports use as a data plane does, which has no SDK."""
    request = urllib.request.Request(
        f"{os.environ['TAGOIO_API']}/usage/{profile}", method="POST", headers={"token": PLANE, "content-type": "application/json"},
        data=json.dumps({"lines": [{"event": uuid.uuid4().hex, **line} for line in lines]}).encode(),
    )
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request) as response:
        return json.load(response)["result"]


@step("billing and allocation")
def _():
    email = f"walk-py-{uuid.uuid4().hex[:8]}@example.com"
    Account.confirmAccount(create(email))
    login, payer, _ = sign_in(email, PASSWORD)
    home, billing, profile = login["profiles"][0]["id"], payer.billing, payer.profile
    prices, free = billing.getPrices(), billing.getSubscription()
    equal((free["plan"], len(free["services"]), free["addons"]), ("free", 9, {"custom_dns": [], "mobile": []}))
    for service, limit in free["services"].items():
        equal(prices[service][0], {"amount": limit["limit"], "price": 0})
    refused(lambda: billing.editSubscription({"services": {"input": {"limit": 3_000_000}}}), "plan free")
    refused(lambda: billing.editSubscription({}), "exactly one")
    refused(lambda: billing.editSubscription({"plan": "starter", "coupon": "HALF"}), "Coupon Not Found")
    refused(lambda: billing.editAllocation([{"profile": home, "sms": 1}]), "only profile")
    # The SDK takes an empty answer for a failure, so an answer without a result
    # must have some text.
    for edit in ({"plan": "starter"}, {"services": {"sms": {"limit": 100}}}, {"addons": {"mobile": [home]}}):
        equal(billing.editSubscription(edit), "Subscription Successfully Updated")
    paid = billing.getSubscription()
    equal((paid["plan"], paid["services"]["sms"], paid["addons"]["mobile"]), ("starter", {"limit": 100}, [home]))

    second = profile.create({"name": "Second"})["id"]
    equal(billing.editAllocation([{"profile": home, "sms": 60}, {"profile": second, "sms": 40}]), "Profile resource allocation Successfully Updated")
    equal(profile.serviceEdit(second, {"sms": 30, "email": 0}), "Profile resource allocation Successfully Updated")
    equal([profile.info(id)["allocation"]["sms"] for id in (home, second)], [60, 30])
    # An example of an older version of the SDK sends an object.
    refused(lambda: billing.editAllocation({"profile": home, "sms": 1}), "list")
    refused(lambda: billing.editAllocation([{"profile": home, "sms": 71}]), "sms adds up to 101")
    refused(lambda: billing.editAllocation([{"profile": "0" * 24, "sms": 1}]), "own")
    refused(lambda: profile.serviceEdit(second, {}), "at least one")
    has["payer"] = (payer, home)


@step("statistics")
def _():
    payer, home = has["payer"]
    profile = payer.profile
    began = now()
    equal(profile.usageStatisticList(home), [])
    answer = report(home, {"service": "input", "amount": 25}, {"service": "analysis", "amount": 0.07}, {"service": "sms", "amount": 61})
    equal(([line["admitted"] for line in answer["lines"]], answer["blocked"]), ([True, True, False], ["sms"]))
    used = {service: n for service, n in profile.summary(home)["limit_used"].items() if n}
    equal(used, {"input": 25, "analysis": 0.07})
    today, tomorrow = began.date(), began.date() + timedelta(days=1)
    for query in (
        {"date": str(today)}, {"date": began}, {"date": began, "timezone": "UTC"},
        # The SDK writes a datetime with a blank and without a zone.
        {"start_date": began - timedelta(hours=1), "end_date": began + timedelta(hours=1), "periodicity": "hour"},
        {"start_date": str(today), "end_date": str(tomorrow), "periodicity": "day"}, {"start_date": today, "end_date": tomorrow, "periodicity": "month"},
    ):
        row = profile.usageStatisticList(home, query)[-1]
        assert isinstance(row["time"], datetime), f"expected a datetime, came {row['time']!r}"
        equal((row["input"], row["analysis"], "sms" in row), (25, 0.07, False))
    refused(lambda: profile.usageStatisticList(home, {"date": "soon"}), "date")
    refused(lambda: profile.usageStatisticList(home, {"start_date": today}), "end_date")


@step("notifications")
def _():
    notifications = has["resources"].notifications
    ids = [notifications.create({"title": title, "message": "A message."})["id"] for title in ("one", "two", "three")]
    rows = notifications.list({"page": 1, "amount": 2, "orderBy": ["created_at", "desc"]})
    equal([row["title"] for row in rows], ["three", "two"])
    for row in rows:
        near(row["created_at"], now())
    equal([row["title"] for row in notifications.list({"page": 3, "amount": 1, "orderBy": ["created_at", "asc"]})], ["three"])
    # The SDK writes the filter as False and True.
    titles = lambda read: [row["title"] for row in notifications.list({"filter": {"read": read}})]  # noqa: E731
    equal(notifications.markAsRead(ids[0]), "TagoIO Notification Run Successfully Updated")
    equal((titles(False), titles(True)), (["three", "two"], ["one"]))
    equal(notifications.markAsUnread(ids), "TagoIO Notification Run Successfully Updated")
    equal(titles(True), [])
    equal(notifications.markAllAsRead(), "All TagoIO Notification Run Successfully Updated")
    equal(titles(False), [])
    for id in ids:
        equal(notifications.remove(id), "Successfully Removed")
    refused(lambda: notifications.remove(ids[0]), "Notification Not Found")
    equal(notifications.list(), [])


@step("team")
def _():
    login, owner, token = sign_in(**DEMO)
    home = login["profiles"][0]["id"]
    newcomer = f"walk-py-{uuid.uuid4().hex[:8]}@example.com"
    before = owner.profile.teamList(home)
    try:
        for email in (EMAIL, newcomer):
            equal(owner.profile.addTeamMember(home, email), "User invited")
        team = owner.profile.teamList(home)[len(before):]
        equal([(row["email"], row["active"]) for row in team], [(EMAIL, False), (newcomer, False)])
        for row in team:
            near(row["created_at"], now())
        refused(lambda: owner.profile.addTeamMember(home, newcomer), "Too many requests (Retry-After: ")
        refused(lambda: owner.profile.addTeamMember(home, DEMO["email"]), "your own address")

        code = code_of_mail(EMAIL, "profile/team/accept")
        equal(Account.acceptTeamInvitation(code), "Invitation accepted")
        refused(lambda: Account.acceptTeamInvitation(code), "accepted already")
        refused(lambda: owner.profile.addTeamMember(home, EMAIL), "member of this profile already")
        login, member, _ = sign_in(EMAIL, PASSWORD, home)
        equal([p.get("from_share", False) for p in login["profiles"]], [False, True])
        equal([row["id"] for row in owner.profile.teamList(home) if row["email"] == EMAIL and row["active"]], [login["id"]])
        name = member.profile.info("current")["info"]["name"]
        equal(member.profile.edit(home, {"name": name}), "Successfully Updated")
        refused(lambda: member.profile.addTeamMember(home, "nobody@example.com"), "owner")
        refused(lambda: member.profile.delete(home, {"password": PASSWORD}), "owner")
        equal(owner.profile.deleteTeamMember(home, login["id"]), "Account Successfully Removed")
        refused(lambda: member.profile.info(home), "Authorization Denied")

        Account.confirmAccount(create(newcomer))
        _, late, _ = sign_in(newcomer, PASSWORD)
        offer = late.notifications.list({"filter": {"read": False}})[0]
        equal([button["triggers"] for button in offer["buttons"]], [[{"share_profile": "accept"}], [{"share_profile": "refuse"}]])
        equal(late.notifications.notificationButton(offer["id"], offer["buttons"][1]["id"]), "Invitation declined")
        refused(lambda: Account.declineTeamInvitation(code_of_mail(newcomer, "profile/team/decline")), "declined already")
        told = owner.notifications.list({"amount": 1})[0]
        assert "declined" in told["message"], f"expected the owner to be told, came {told!r}"
        equal(owner.profile.teamList(home), before)
    finally:
        for row in owner.profile.teamList(home):
            if row not in before:
                owner.profile.deleteTeamMember(home, row["id"])
        owner.profile.tokenDelete(home, token)


print(f"{counts[True]} passed, {counts[False]} failed")
sys.exit(1 if counts[False] else 0)
